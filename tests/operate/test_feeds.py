"""What happens to lists over time, with a real HTTP server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cors_proxy.cors.feeds import FeedList
from cors_proxy.cors.spec import OriginFeed
from cors_proxy.operate.events import Events
from cors_proxy.operate.feed_client import FeedClient
from cors_proxy.operate.feeds import Feeds, RequiredFeedError, feed_rules
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy

ONE, TWO = "https://one.example", "https://two.example"


class Held:
    """Feeds with what they delivered and said, and a server whose answers the test sets."""

    def __init__(self, out: Any, url: str) -> None:
        self.url = url
        self.out = out
        self.delivered: list[FeedList] = []
        self.feeds = Feeds(self.deliver, Events(out), FeedClient(timeout=5))
        self.body: bytes | None = ONE.encode()
        self.asked = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(status=200 if self.body is not None else 500, body=self.body)

    async def deliver(self, feed: OriginFeed, origins: FeedList) -> None:
        self.delivered.append(origins)

    def policy(self, more: str = "every: 1s", rest: str = "") -> Policy:
        text = f"version: 1\nupstream: http://127.0.0.1:1\ncors: {{origins: {{url: '{self.url}', {more}}}}}\n{rest}"
        return parse_policy(text, "policy.yaml", "")[0]

    async def start(self, more: str = "every: 1s") -> Policy:
        policy = self.policy(more)
        await self.feeds.prepare(policy)
        self.feeds.commit(policy)
        return policy

    def events(self) -> list[str]:
        return [event["event.name"] for event in self.out.objects]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.01)


@pytest.fixture
async def held(lines: Callable[[], Any]) -> AsyncIterator[Held]:
    found = Held(lines(), "")
    app = web.Application()
    app.router.add_get("/o", found.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        found.url = str(server.make_url("/o"))
        yield found
        await found.feeds.close()


def names(policy: Policy, origin: str = ONE) -> bool:
    return policy.site.default.allow(origin.encode()) is not None


async def test_an_equal_list_is_not_delivered_again(held: Held) -> None:
    policy = await held.start()
    assert names(policy) and len(held.delivered) == 1
    held.body = f"# the same\n{ONE}\n".encode()
    await held.until(lambda: held.asked >= 3)
    assert len(held.delivered) == 1
    held.body = TWO.encode()
    await held.until(lambda: len(held.delivered) == 2)
    assert names(policy, TWO) and not names(policy)


async def test_after_a_failure_it_asks_sooner(held: Held) -> None:
    held.body = None
    policy = await held.start("every: 1h")
    assert held.events() == ["feed-failed"]
    held.body = ONE.encode()
    await held.until(lambda: names(policy))
    (status,) = held.feeds.status()
    assert (status.name, status.entries, status.ok) == (held.url, 1, True)
    assert status.failures == {"failed": 1, "rejected": 0} and status.age < 20


async def test_a_list_that_failed_once_is_not_too_old_yet(held: Held) -> None:
    policy = await held.start("every: 1s, stale: 0")
    held.body = None
    await held.until(lambda: held.asked >= 3)
    assert names(policy) and "feed-stale" not in held.events()


async def test_a_rejected_list_does_not_make_the_last_one_younger(held: Held) -> None:
    policy = await held.start("every: 1s, stale: 2s")
    held.body = b"https://bad.example/"
    await held.until(lambda: "feed-stale" in held.events())
    assert "feed-rejected" in held.events()
    assert not names(policy) and len(held.delivered[-1]) == 0


async def test_a_policy_that_is_not_put_in_force_is_forgotten(held: Held) -> None:
    policy = await held.start()
    held.body = None
    other = held.policy("required: true, patterns: true")
    with pytest.raises(RequiredFeedError, match=r"\(policy.yaml:3\) is required, and has no valid list"):
        await held.feeds.prepare(other)
    assert names(policy)
    await held.feeds.prepare(held.policy())  # the same feed has its list, and nobody is asked
    assert len(held.feeds.status()) == 1
    # Later the feed of the refused policy would be asked anew
    held.body = TWO.encode()
    await held.feeds.prepare(other)
    held.feeds.commit(other)
    assert names(other, TWO)
    assert list(feed_rules(other.spec)) == list(other.site.feeds)


async def test_of_several_rules_for_one_feed_the_strictest_counts(held: Held) -> None:
    rest = (
        f"routes: [{{path: /a, cors: {{origins: {{url: '{held.url}', every: 5s, stale: 1h, required: true}}}}}},"
        f" {{path: /b, cors: off}}]\n"
    )
    (rule,) = feed_rules(held.policy("every: 30s, stale: 0", rest).spec).values()
    assert (rule.every, rule.stale, rule.required) == (5, 3600, True)
    (rule,) = feed_rules(held.policy("stale: 0").spec).values()
    assert rule.stale == 0


async def test_status_is_one_series_for_each_url(held: Held) -> None:
    policy = held.policy("every: 1s", "routes: [{path: /a, cors: {credentials: true}}]\n")
    assert len(policy.site.feeds) == 2
    held.body = b"http://plain.example"  # which one of the two rejects
    await held.feeds.prepare(policy)
    held.feeds.commit(policy)
    (status,) = held.feeds.status()
    assert (status.entries, status.ok, status.failures) == (1, False, {"failed": 0, "rejected": 1})


async def test_a_feed_without_a_list_yet_is_empty(held: Held) -> None:
    held.body = None
    policy = await held.start("every: 1s")
    (slot,) = policy.site.feeds.values()
    assert slot.known and len(slot.current) == 0
