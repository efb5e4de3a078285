"""The crew of several; its life as whole processes is in tests/e2e/test_workers.py."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cors_proxy.operate.events import Events
from cors_proxy.operate.listeners import bind
from cors_proxy.operate.supervisor import Workers

from .serving import EVIL, api, ask, policy

TWO = "server: {workers: 2, access_log: off}\n"


def children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()}


async def test_their_life(lines: Callable[[], Any]) -> None:
    out = lines()
    crew = Workers(Events(out))
    before = children()
    async with api() as upstream:
        sockets = bind(policy(upstream).listen)
        port = sockets[0].getsockname()[1]
        await crew.start(policy(upstream, more=TWO), sockets)
        first = children() - before
        assert crew.ready and len(first) == 2
        for _ in range(20):
            assert await ask(port) == 200
        await crew.apply(policy(upstream, EVIL, TWO))
        assert {await ask(port, EVIL) for _ in range(10)} == {200}
        tally, gauges = await crew.counts()
        assert sum(tally.requests.values()) == 30 and gauges.in_flight == 0
        os.kill(first.pop(), signal.SIGKILL)
        async with asyncio.timeout(20):
            while not (await crew.counts())[0].restarts or len(children() - before) < 2:
                await asyncio.sleep(0.02)
        assert {await ask(port, EVIL) for _ in range(10)} == {200}  # the new one has the policy in force
        assert sum((await crew.counts())[0].requests.values()) == 40
        assert out.objects[0]["event.name"] == "worker-died"
        crew.announce()
        async with asyncio.timeout(20):
            await crew.drain()
        assert not children() - before and not crew.ready
        await crew.close()


async def test_workers_that_cannot_start(lines: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    out = lines()
    crew = Workers(Events(out))
    sockets = bind(policy("http://127.0.0.1:1").listen)
    with pytest.raises(ChildProcessError):
        await crew.start(policy("http://127.0.0.1:1", more=TWO), sockets)
    await crew.close()
    assert out.objects[0]["event.name"] == "worker-died" and out.objects[0]["code"] == 1
