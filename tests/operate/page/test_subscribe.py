"""Decisions reach the page from one process and from several, also from a worker that came later, and only while somebody looks."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cors_proxy.operate.backend import Backend, SingleProcess
from cors_proxy.operate.events import Events
from cors_proxy.operate.listeners import bind
from cors_proxy.operate.page.decision_event import DecisionEvent
from cors_proxy.operate.recorder import Recorder
from cors_proxy.operate.worker_pool import WorkerPool
from tests.operate.serving import EVIL, api, ask, policy


def children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()}


@pytest.mark.parametrize("workers", [1, 2])
async def test_while_somebody_looks(lines: Callable[[], Any], workers: int) -> None:
    events = Events(lines())
    backend: Backend = WorkerPool(events) if workers > 1 else SingleProcess(Recorder(lines(), events, "off"))
    before = children()
    got: asyncio.Queue[DecisionEvent] = asyncio.Queue()

    def deliver(batch: list[DecisionEvent], skipped: int) -> None:
        for each in batch:
            got.put_nowait(each)

    async with api() as upstream, asyncio.timeout(40):
        in_force = policy(upstream, more=f"server: {{workers: {workers}, access_log: off}}\n")
        sockets = bind(in_force.listen)
        port = sockets[0].getsockname()[1]
        await backend.start(in_force, sockets)
        try:
            await ask(port, path="/unseen")
            await backend.counts()  # what was sent to the workers before is behind them
            backend.subscribe(deliver)
            await backend.counts()
            await ask(port, EVIL, "/seen")
            found = await got.get()
            assert (found["path"], found["origin"], found["reason"]) == ("/seen", EVIL, "origin-not-allowed")
            if workers > 1:
                for each in children() - before:
                    os.kill(each, signal.SIGKILL)
                while (await backend.counts())[0].restarts < 2 or not backend.ready:
                    await asyncio.sleep(0.02)
                while got.empty():  # a new worker serves before it is told to deliver
                    await ask(port, EVIL, "/later")
                assert (await got.get())["path"] == "/later"
            backend.subscribe(None)
            await backend.counts()
            while not got.empty():
                got.get_nowait()
            await ask(port, EVIL, "/unseen")
            await backend.counts()
            assert got.empty()
        finally:
            await backend.close()
