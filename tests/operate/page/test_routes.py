"""What the page asks for, from a running admin application."""

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from cors_proxy.explain.change import PolicyText
from cors_proxy.learn.memory import Memory
from cors_proxy.operate.admin import application
from cors_proxy.operate.counters import Counters, Gauges
from cors_proxy.operate.page.decision_event import DecisionEvent, Deliver
from cors_proxy.operate.page.feed import MAX_FOLLOWERS
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy, read_policy

TEXT = """version: 1
upstream: http://127.0.0.1:3000
hosts: [api.example]
cors: {origins: [https://app.example]}
"""
ASKED: dict[str, Any] = {
    "origin": "https://evil.example", "method": "GET", "where": "/r", "headers": [], "credentials": False, "upload_listener": False,
}  # fmt: skip
Client = TestClient[Any, Any]


class Watched:
    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.ready = True
        self.deliver: Deliver | None = None
        self.counters = Counters()

    text: PolicyText | None = None
    kept = Memory()

    async def counts(self) -> tuple[Counters, Gauges]:
        return self.counters, Gauges(2, 3)

    async def refusals(self) -> list[DecisionEvent]:
        return [{"path": "/<b>"}]

    async def memory(self) -> Memory:
        return self.kept

    def subscribe(self, deliver: Deliver | None) -> None:
        self.deliver = deliver

    async def metrics(self) -> bytes:
        return b""

    async def reload(self, cause: str) -> list[str]:
        return []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def watched(file: Path) -> Watched:
    return Watched(read_policy(str(file))[0])


@pytest.fixture
async def client(watched: Watched, aiohttp_client: Callable[[Any], Awaitable[Client]]) -> Client:
    return await aiohttp_client(TestServer(application(watched), host="127.0.0.1"))


async def test_nothing_runs_but_its_own_script(client: Client) -> None:
    async with client.get("/") as got:
        html, policy = await got.text(), got.headers["Content-Security-Policy"]
        assert got.headers["Content-Type"] == "text/html; charset=utf-8"
        assert got.headers["Cache-Control"] == "no-store"
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert f"{directive} 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}';" in policy
    for words in (
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "connect-src 'self'",
    ):
        assert words in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy


async def test_it_has_no_other_source_and_parses_nothing(client: Client) -> None:
    async with client.get("/") as got:
        html = await got.text()
    assert not re.search(r"\b(src|style|on[a-z]+)=", html)
    assert set(re.findall(r'href="([^"]*)"', html)) == {
        "#traffic",
        "#decisions",
        "#explain",
        "#propose",
        "#policy",
        "#upstreams-title",
    }
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser", html
    )
    assert set(re.findall(r"https?://[^\s\"]+", html)) == {
        "https://app.example.com",
        "http://www.w3.org/2000/svg",
    }


async def test_the_stream(client: Client, watched: Watched) -> None:
    async with client.get("/decisions") as got:
        assert got.headers["Content-Type"] == "text/event-stream"
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert await got.content.readuntil(b"\n\n") == b": open\n\n"
        assert watched.deliver is not None
        watched.deliver([{"origin": "https://<b>"}], 1)
        event = await got.content.readuntil(b"\n\n")
        assert json.loads(event.removeprefix(b"data: ")) == {
            "decisions": [{"origin": "https://<b>"}],
            "skipped": 1,
        }


async def test_only_a_few_may_look(client: Client) -> None:
    streams = [await client.get("/decisions") for _ in range(MAX_FOLLOWERS)]
    async with client.get("/decisions") as got:
        assert got.status == 503
    for stream in streams:
        stream.close()


async def test_counters(client: Client, watched: Watched) -> None:
    watched.counters.decisions["r", "request", "refuse", "origin-null", "report"] += 4
    watched.counters.differences["r", "origin-null"] += 3
    async with client.get("/counters") as got:
        found = await got.json()
    assert found["decisions"] == [["r", "request", "refuse", "origin-null", "report", 4]]
    assert found["differences"] == [["r", "origin-null", 3]]
    assert (found["in_flight"], found["connections"]) == (2, 3)


async def test_refusals(client: Client) -> None:
    async with client.get("/refusals") as got:
        assert await got.json() == {"decisions": [{"path": "/<b>"}]}


async def test_the_policy_as_it_is_written(client: Client, file: Path) -> None:
    async with client.get("/policy") as got:
        assert await got.json() == {"file": str(file), "lines": TEXT.splitlines(), "why": ""}


async def test_the_policy_as_it_acts(client: Client) -> None:
    async with client.get("/effective") as got:
        found = await got.json()
    assert found["routes"][-1]["cors"]["origins"] == ["https://app.example"]


async def test_explanations_name_lines_and_the_change(client: Client, file: Path) -> None:
    async with client.post("/explain", json=ASKED) as got:
        found = await got.json()
    assert found["verdict"] == "blocked"
    assert found["rule"] == f"{file}:4"
    assert found["lines"][found["rule"]] == "cors: {origins: [https://app.example]}"
    assert "+cors: {origins: [https://app.example, https://evil.example]}" in found["change"]["diff"]
    async with client.post("/explain", json=ASKED | {"origin": ""}) as got:
        assert (await got.json())["allowed"]


async def test_a_policy_that_is_no_file_any_more(client: Client, watched: Watched, file: Path) -> None:
    file.write_text("version: 2")
    async with client.post("/explain", json=ASKED) as got:
        assert "changed since" in (await got.json())["change"]["why_none"]
    file.unlink()
    async with client.post("/explain", json=ASKED) as got:
        assert (await got.json())["change"] is None
    watched.policy = parse_policy(TEXT, "CORS_PROXY_POLICY", "")[0]
    async with client.post("/explain", json=ASKED) as got:
        found = await got.json()
        assert (found["change"], found["rule"], found["lines"]["CORS_PROXY_POLICY:4"]) == (
            None,
            "CORS_PROXY_POLICY:4",
            "",
        )


@pytest.mark.parametrize(
    "asked",
    [
        [], "x", {}, ASKED | {"headers": "X"}, ASKED | {"headers": [1]}, ASKED | {"headers": ["X"] * 129}, ASKED | {"where": "r"},
        ASKED | {"method": "G T"}, ASKED | {"headers": ["A B"]}, ASKED | {"credentials": "yes"}, ASKED | {"origin": "https://a\r\nb"},
    ],
)  # fmt: skip
async def test_a_form_that_was_not_filled_in(client: Client, asked: object) -> None:
    async with client.post("/explain", json=asked) as got:
        assert got.status == 400
        assert (await got.json())["error"]


@pytest.mark.parametrize("body", [b"", b"{\xff", b"[" * 60_000])
async def test_no_json(client: Client, body: bytes) -> None:
    async with client.post(
        "/explain", data=body, headers={"Content-Type": "application/json; charset=none"}
    ) as got:
        assert got.status == 400


@pytest.mark.parametrize(
    "path", ["/", "/decisions", "/refusals", "/counters", "/policy", "/effective", "/propose", "/explain"]
)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_no_other_page_reaches_it(
    client: Client, path: str, headers: dict[str, str], status: int
) -> None:
    async with client.request("POST" if path == "/explain" else "GET", path, headers=headers) as got:
        assert got.status == status
        assert "app.example" not in await got.text()


async def test_who_left_makes_room(client: Client, watched: Watched) -> None:
    """A page that is reloaded again and again."""
    for _ in range(MAX_FOLLOWERS):
        (await client.get("/decisions")).close()
    async with asyncio.timeout(20):
        while watched.deliver is not None:
            await asyncio.sleep(0)
    async with client.get("/decisions") as got:
        assert got.status == 200
