"""What `mode: report` saw reaches the admin page, from one process and from several, without secrets."""

from collections.abc import Callable
from typing import Any

import pytest

from cors_proxy.cors.decision import Forward, Grant
from cors_proxy.cors.reason import Reason
from cors_proxy.learn.seen import Seen
from cors_proxy.operate.backend import Backend, SingleProcess
from cors_proxy.operate.events import Events
from cors_proxy.operate.listeners import bind
from cors_proxy.operate.observed import MAX_GRANTED, MAX_OTHER, Observer
from cors_proxy.operate.recorder import Recorder
from cors_proxy.operate.worker_pool import WorkerPool
from cors_proxy.proxy.recorder import Exchange
from tests.operate.serving import APP, EVIL, api, ask, policy

LINES = [(b"Access-Control-Allow-Origin", b"https://a.example")]


async def test_a_period_is_bounded_and_a_grant_has_its_own_room(exchange: Callable[..., Exchange]) -> None:
    got: list[tuple[list[Seen], int]] = []
    observer = Observer(lambda found, beyond: got.append((found, beyond)))
    decision = Forward(Reason.ORIGIN_ALLOWED, "request", grant=Grant())

    def see(origin: bytes, lines: Any, target: bytes = b"/x?token=secret") -> None:
        made = exchange(target=target, origin=origin, decision=decision, host=b"api.example")
        made.upstream_lines, made.status = lines, 200
        observer(made)

    for number in range(1000):
        see(b"https://x%d.example" % number, [])
    for _ in range(3):
        see(b"https://a.example", LINES)
    see(b"https://a.example", LINES, b"/" + b"x" * 5000)
    observer.flush()
    ((found, beyond),) = got
    assert len(found) == MAX_OTHER + 1 <= MAX_OTHER + MAX_GRANTED and beyond == 1000 - MAX_OTHER + 1
    (granted,) = (seen for seen in found if seen.granted and seen.granted.origin)
    assert granted.count == 3 and granted.origin == "https://a.example" and granted.path == "/x"
    assert "secret" not in str(found)


@pytest.mark.parametrize("workers", [1, 2])
async def test_it_is_kept_by_one_process_and_by_several(lines: Callable[[], Any], workers: int) -> None:
    events = Events(lines())
    backend: Backend = WorkerPool(events) if workers > 1 else SingleProcess(Recorder(lines(), events, "off"))
    async with api() as upstream:
        more = f"server: {{workers: {workers}, access_log: off}}\nroutes: [{{path: /x, mode: report}}]\n"
        in_force = policy(upstream, more=more)
        sockets = bind(in_force.listen)
        port = sockets[0].getsockname()[1]
        await backend.start(in_force, sockets)
        try:
            for origin, path in ((EVIL, "/x?token=secret"), (EVIL, "/x?token=other"), (APP, "/enforced")):
                await ask(port, origin, path, Cookie="sid=secret", Authorization="Bearer secret")
            for _ in range(2):  # reading takes nothing away
                found = (await backend.memory()).evidence()
                assert found.requests == 2 and [parts for _, parts in found.endpoints] == [("x",)]
            assert "secret" not in str(found.endpoints)
        finally:
            await backend.close()
