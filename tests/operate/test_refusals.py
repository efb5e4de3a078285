"""The last refusals are there when somebody comes, from one process and from several, however much
traffic came after."""

from collections.abc import Callable
from itertools import product
from typing import Any, get_args

import pytest

from cors_proxy.cors.decision import Grant, Refuse
from cors_proxy.cors.literals import Kind
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.request import JudgedHeaders
from cors_proxy.operate.backend import Backend, SingleProcess
from cors_proxy.operate.events import Events
from cors_proxy.operate.listeners import bind
from cors_proxy.operate.recorder import MAX_REFUSALS, Recorder
from cors_proxy.operate.refusals import Refusals, as_events
from cors_proxy.operate.worker_pool import WorkerPool
from cors_proxy.proxy.recorder import Exchange
from tests.operate.serving import APP, EVIL, api, ask, policy

KINDS: tuple[Kind, ...] = get_args(Kind)


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
                path = f"/refused/{number}?token=secret"
                await ask(port, EVIL, path, Cookie="sid=secret", Authorization="Bearer secret")
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
    assert [each.target for each in recorder.take_refusals()] == [each.target for each in refused[5:]]
    assert recorder.take_refusals() == []


def test_one_is_short_and_without_secrets(
    lines: Callable[[], Any], exchange: Callable[..., Exchange]
) -> None:
    recorder = Recorder(lines(), Events(lines()), "off")
    long = b"x" * 20_000
    judged = JudgedHeaders(
        host=long, origin=long, acrm=long, acrh=(long, b"a", long), acrpn=long, cookie=True, fetch_site=long
    )
    for kind, target in product(KINDS, (b"/x?secret", long + b"?secret")):
        decision = Refuse(
            Reason.METHOD_NOT_ALLOWED,
            kind,
            detail=long,
            grant=Grant(lines=((b"Access-Control-Allow-Headers", long),)),
            target=b"/?secret",
            refused=(long,),
        )
        made = exchange(
            method=long, target=target, host=long, origin=long, user_agent=long, request_id=long,
            traceparent=long, decision=decision, judged=judged,
        )  # fmt: skip
        recorder.begin(made)
        recorder.end(made)
        (found,) = recorder.take_refusals()
        held = "".join(repr(getattr(found, name)) for name in dir(found) if not name.startswith("_"))
        assert len(held) < 12_000
        assert "secret" not in held
        shown, whole = as_events([found, made])
        assert shown | {"time": 0} == whole | {"time": 0}
        assert len(str(shown)) < 12_000
