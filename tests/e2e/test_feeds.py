"""A feed of origins over the real process: an HTTP server that sends lists, one and two workers."""

import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from .conftest import APP, Running, Start

WORKERS = pytest.mark.parametrize("workers", [1, 2])
ONE, TWO = "https://one.example", "https://two.example"


class Feed:
    """Sends `body` with the ETag `etag`, or `status` alone."""

    def __init__(self) -> None:
        self.body = f"{ONE}\n"
        self.etag = ""
        self.status = 200
        self.headers: dict[str, str] = {}
        self.asked: list[web.Request] = []
        self.answered: list[int] = []
        self.url = ""

    async def until_asked(self, running: Running, times: int) -> None:
        """So often from now on, so that the answers before the last one were read."""
        wanted = len(self.asked) + times
        await running.until(lambda: len(self.asked) >= wanted)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        status = self.status
        if self.etag and request.headers.get("If-None-Match") == self.etag:
            status = 304
        self.answered.append(status)
        headers = self.headers | ({"ETag": self.etag} if self.etag else {})
        return web.Response(status=status, text=self.body if status == 200 else None, headers=headers)


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    found = Feed()
    app = web.Application()
    app.router.add_get("/origins", found.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        found.url = f"http://127.0.0.1:{server.port}/origins"
        yield found


def policy(feed: Feed, workers: int = 1, more: str = "", key: str = "origins") -> str:
    return (
        f"routes:\n  - path: /**\n    cors:\n      credentials: true\n      {key}:\n"
        f"        - {APP}\n        - {{url: '{feed.url}', every: 1s{more}}}\nserver: {{workers: {workers}}}\n"
    )


async def allowed(running: Running, origin: str) -> str | None:
    """Access-Control-Allow-Origin of each of some requests, which must agree.  All workers answer."""
    found = set()
    for _ in range(8):
        async with running.session.get(running.url + "/x", headers={"Origin": origin}) as got:
            found.add(got.headers.get("Access-Control-Allow-Origin"))
            assert "Origin" in got.headers["Vary"]
            assert got.status == (200 if found == {origin} else 403) or len(found) > 1
    return found.pop() if len(found) == 1 else "mixed"


async def until_allowed(running: Running, origin: str, expected: str | None) -> None:
    async def settled() -> bool:
        return await allowed(running, origin) == expected

    await running.until(settled)


@WORKERS
async def test_a_new_list_takes_effect_in_all_workers(start: Start, feed: Feed, workers: int) -> None:
    running = await start(policy(feed, workers))
    assert await allowed(running, APP) == APP
    assert await allowed(running, ONE) == ONE
    assert await allowed(running, TWO) is None
    feed.body = f'["{TWO}"]'
    await until_allowed(running, TWO, TWO)
    await until_allowed(running, ONE, None)
    assert await allowed(running, APP) == APP
    assert await running.count("cors_proxy_feed_entries") == 1
    assert await running.count("cors_proxy_feed_up") == 1
    event = await running.event("feed-updated")
    assert (event["feed"], event["entries"]) == (feed.url, 1)
    assert event["rule"].endswith("policy0.yaml:12")
    # No request asks the feed: all of them came from the supervisor's clock
    assert {request.headers["User-Agent"].partition("/")[0] for request in feed.asked} == {"cors-proxy"}


async def test_a_worker_that_starts_later_has_the_list(start: Start, feed: Feed) -> None:
    running = await start(policy(feed, 2))
    feed.body = f"{TWO}\n"
    await until_allowed(running, TWO, TWO)
    before = set(running.children())
    os.kill(next(iter(before)), signal.SIGKILL)
    await running.until(lambda: len(set(running.children()) - before) == 1)

    async def both() -> bool:
        return await running.count("cors_proxy_worker_restarts_total") == 1

    await running.until(both)
    await until_allowed(running, TWO, TWO)


@WORKERS
async def test_an_invalid_list_changes_nothing(start: Start, feed: Feed, workers: int) -> None:
    running = await start(policy(feed, workers))
    feed.body = f"{TWO}\nhttps://bad.example/\n"
    event = await running.event("feed-rejected")
    assert event["error.detail"].startswith('line 2: "https://bad.example/": a slash at the end')
    assert await allowed(running, ONE) == ONE
    assert await allowed(running, TWO) is None
    assert (
        await running.count('cors_proxy_feed_failures_total{feed="' + feed.url + '",reason="rejected"}') >= 1
    )
    assert await running.count("cors_proxy_feed_up") == 0
    for body in ("*\n", "null\n", "http://plain.example\n", "https://*.example.com\n"):
        feed.body = body
        await feed.until_asked(running, 2)
        assert await allowed(running, ONE) == ONE
    feed.body = f"{TWO}\n"
    await until_allowed(running, TWO, TWO)
    await until_allowed(running, ONE, None)
    assert await running.count("cors_proxy_feed_up") == 1


@WORKERS
async def test_a_list_that_is_too_old_is_emptied(start: Start, feed: Feed, workers: int) -> None:
    feed.etag = '"1"'
    running = await start(policy(feed, workers, ", stale: 2s"))
    await until_allowed(running, ONE, ONE)  # a slow start is longer than `stale`
    feed.status, feed.etag = 503, ""
    event = await running.event("feed-stale")
    assert event["severity"] == "ERROR" and event["entries"] == 1
    await until_allowed(running, ONE, None)
    assert await allowed(running, APP) == APP
    assert await running.count("cors_proxy_feed_entries") == 0
    # The ETag of a list that is gone is not sent: a 304 would not bring it back
    asked = len(feed.asked)
    feed.status, feed.etag = 200, '"1"'
    await until_allowed(running, ONE, ONE)
    assert not any("If-None-Match" in request.headers for request in feed.asked[asked:][:1])


async def test_a_list_of_an_unchanged_feed_is_not_sent_again(start: Start, feed: Feed) -> None:
    feed.etag = '"1"'
    running = await start(policy(feed, more=", stale: 2s"))
    await running.until(lambda: feed.answered.count(304) >= 3)
    assert feed.answered[0] == 200 and set(feed.answered[1:]) == {304}
    # Each 304 confirms the list: it is older than `stale`, and still in force
    assert await allowed(running, ONE) == ONE
    feed.body, feed.etag = f"{TWO}\n", '"2"'
    await until_allowed(running, TWO, TWO)
    assert await allowed(running, ONE) is None


async def test_a_redirect_is_not_followed(start: Start, feed: Feed) -> None:
    running = await start(policy(feed))
    feed.status, feed.headers = 302, {"Location": feed.url}
    event = await running.event("feed-failed")
    assert event["error.detail"] == "the answer is 302, a redirect, which is not followed"
    assert await allowed(running, ONE) == ONE


async def test_a_start_without_an_answer(start: Start, feed: Feed) -> None:
    feed.status = 500
    running = await start(policy(feed))
    assert await allowed(running, ONE) is None
    assert await allowed(running, APP) == APP
    feed.status = 200
    await until_allowed(running, ONE, ONE)


@WORKERS
async def test_a_required_feed_must_answer_at_the_start(start: Start, feed: Feed, workers: int) -> None:
    feed.status = 500
    running = await start(policy(feed, workers, ", required: true"), wait=False)
    event = await running.event("feed-missing")
    assert event["message"].startswith(f"the feed {feed.url} (")
    assert event["message"].endswith("is required, and has no valid list: the answer is 500")
    assert await running.end() == 1
    feed.status = 200
    running = await start(policy(feed, workers, ", required: true"))
    assert await allowed(running, ONE) == ONE


@WORKERS
async def test_a_reload_keeps_lists_and_fetches_new_ones(start: Start, feed: Feed, workers: int) -> None:
    running = await start(policy(feed, workers))
    feed.status = 500
    text = running.path.read_text()
    running.path.write_text(text + "mode: enforce\n")
    status, _ = await running.ask_admin("/reload", "POST")
    assert status == 200
    assert await allowed(running, ONE) == ONE
    # Another feed that is required and fails: the policy in force stays
    running.path.write_text(text.replace("/origins'", "/other', required: true"))
    status, body = await running.ask_admin("/reload", "POST")
    assert status != 200 and "/other" in body and "is required" in body
    assert await allowed(running, ONE) == ONE
    running.path.write_text(text.replace("/origins'", "/other'"))
    status, _ = await running.ask_admin("/reload", "POST")
    assert status == 200
    assert await allowed(running, ONE) is None


async def test_accept_from_takes_a_feed(start: Start, feed: Feed) -> None:
    running = await start(policy(feed, key="accept_from"))

    async def post(origin: str) -> int:
        status, _ = await running.ask(method="POST", headers={"Origin": origin})
        return status

    assert (await post(ONE), await post(TWO)) == (200, 403)
    feed.body = f"{TWO}\n"

    async def swapped() -> bool:
        return (await post(ONE), await post(TWO)) == (403, 200)

    await running.until(swapped)


async def test_the_admin_page_names_the_feed(start: Start, feed: Feed) -> None:
    running = await start(policy(feed))

    async def why(origin: str) -> dict[str, Any]:
        question: dict[str, Any] = {"where": "/x", "origin": origin, "method": "GET", "headers": []}
        question |= {"credentials": False, "upload_listener": False}
        async with running.session.post(running.admin + "/explain", json=question) as got:
            found: dict[str, Any] = await got.json()
            return found

    found = await why(ONE)
    assert found["cause"] == f"{ONE} is in the list of the feed {feed.url}"
    assert found["rule"].endswith(":12") and feed.url in found["lines"][found["rule"]]
    found = await why(TWO)
    assert (
        found["cause"]
        == f"{TWO} is not allowed: it is not in origins, nor in the list of the feed {feed.url}"
    )


async def test_many_entries_hold_no_request_up(start: Start, feed: Feed) -> None:
    feed.body = "".join(f"https://tenant-{number}.example.com\n" for number in range(100_000))
    running = await start(policy(feed))
    assert await allowed(running, "https://tenant-99999.example.com") == "https://tenant-99999.example.com"
    assert await running.count("cors_proxy_feed_entries") == 100_000
