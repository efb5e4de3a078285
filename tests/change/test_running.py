"""The policy of a running proxy, asked at its admin listener."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from cors_proxy.change.compare import compare
from cors_proxy.change.running import RunningError, running_policy
from cors_proxy.operate.page.routes import add_page
from cors_proxy.policy.read import parse_policy

TEXT = "version: 1\nupstream: http://api:3000\ncors: {origins: [https://a.example]}\nroutes: [{path: /x, cors: off}]\n"
POLICY = parse_policy(TEXT, "policy.yaml", "")[0]


class Service:
    policy = POLICY
    text = None

    async def refusals(self) -> Any: ...
    async def memory(self) -> Any: ...
    async def counts(self) -> Any: ...
    def subscribe(self, deliver: Any) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    """A listener with the real routes, on a loop in a thread."""
    loop = asyncio.new_event_loop()

    async def start() -> tuple[web.AppRunner, int]:
        app = web.Application()
        add_page(app, Service(), asyncio.Lock())
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner, runner.addresses[0][1]

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runner, port = asyncio.run_coroutine_threadsafe(start(), loop).result()
    yield f"http://127.0.0.1:{port}"
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_it_means_the_same(url: str) -> None:
    running = parse_policy(running_policy(url), url, "")[0]
    assert compare(running, POLICY).equal


@pytest.mark.parametrize("bad", ["http://127.0.0.1:1", "unix:/nowhere.sock", "http://"])
def test_nobody_there(bad: str) -> None:
    with pytest.raises(RunningError, match=bad):
        running_policy(bad)


def test_something_else_there(url: str) -> None:
    Service.policy = None  # type: ignore[assignment]
    try:
        with pytest.raises(RunningError, match="answered 500"):
            running_policy(url)
    finally:
        Service.policy = POLICY
