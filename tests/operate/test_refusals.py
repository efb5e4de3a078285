"""The last refusals are there when somebody comes, from one process and from several, however much
traffic came after."""

from collections.abc import Callable
from typing import Any

import pytest

from cors_proxy.cors.decision import Refuse
from cors_proxy.cors.reason import Reason
from cors_proxy.operate.backend import Backend, SingleProcess
from cors_proxy.operate.events import Events
from cors_proxy.operate.listeners import bind
from cors_proxy.operate.recorder import MAX_REFUSALS, Recorder
from cors_proxy.operate.refusals import Refusals
from cors_proxy.operate.worker_pool import WorkerPool
from cors_proxy.proxy.recorder import Exchange
from tests.operate.serving import APP, EVIL, api, ask, policy


@pytest.mark.parametrize("workers", [1, 2])
async def test_they_outlast_other_traffic(lines: Callable[[], Any], workers: int) -> None:
    events = Events(lines())
    backend: Backend = WorkerPool(events) if workers > 1 else SingleProcess(Recorder(lines(), events, "off"))
    async with api() as upstream:
        in_force = policy(upstream, more=f"server: {{workers: {workers}, access_log: off}}\n")
        sockets = bind(in_force.listen)
        port = sockets[0].getsockname()[1]
        await backend.start(in_force, sockets)
        try:
            for number in range(3):
                await ask(port, EVIL, f"/refused/{number}?token=secret")
            for _ in range(MAX_REFUSALS + 1):
                await ask(port, APP)
            for _ in range(2):  # reading takes nothing away
                found = await backend.refusals()
                assert [each["path"] for each in found] == [f"/refused/{number}" for number in range(3)]
            assert "secret" not in str(found)
        finally:
            await backend.close()


def test_only_the_newest_in_their_order() -> None:
    refusals = Refusals()
    refusals.add({"ended": float(2 * n)} for n in range(MAX_REFUSALS))
    refusals.add({"ended": float(2 * n + 1)} for n in range(MAX_REFUSALS))
    assert [each["ended"] for each in refusals.newest_last()] == list(range(MAX_REFUSALS, 2 * MAX_REFUSALS))


def test_the_recorder_keeps_no_more(lines: Callable[[], Any], exchange: Callable[..., Exchange]) -> None:
    recorder = Recorder(lines(), Events(lines()), "off")
    refused = [
        exchange(decision=Refuse(Reason.ORIGIN_NOT_ALLOWED, "request"), target=b"/%d" % number)
        for number in range(MAX_REFUSALS + 5)
    ]
    for each in refused:
        recorder.begin(each)
        recorder.end(each)
    assert recorder.take_refusals() == refused[5:]
    assert recorder.take_refusals() == []
