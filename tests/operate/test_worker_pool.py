"""The backend of several; its life as whole processes is in tests/e2e/test_workers.py."""

import asyncio
import contextlib
import os
import resource
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from cors_proxy.operate import worker_pool
from cors_proxy.operate.events import Events
from cors_proxy.operate.listeners import bind
from cors_proxy.operate.process import resident_memory
from cors_proxy.operate.worker_pool import WorkerPool
from cors_proxy.policy.model import Policy

from .serving import APP, EVIL, api, ask, policy

TWO = "server: {workers: 2, access_log: off}\n"


def children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()}


async def test_their_life(lines: Callable[[], Any]) -> None:
    out = lines()
    backend = WorkerPool(Events(out))
    before = children()
    async with api() as upstream:
        sockets = bind(policy(upstream).listen)
        port = sockets[0].getsockname()[1]
        await backend.start(policy(upstream, more=TWO), sockets)
        first = children() - before
        assert backend.ready and len(first) == 2
        for _ in range(20):
            assert await ask(port) == 200
        await backend.apply(policy(upstream, EVIL, TWO))
        assert {await ask(port, EVIL) for _ in range(10)} == {200}
        counters, gauges = await backend.counts()
        assert sum(counters.requests.values()) == 30 and gauges.in_flight == 0
        assert gauges.memory > resident_memory() + (20 << 20)  # also of the two workers
        assert [*gauges.upstreams.values()] == [True]
        assert [*counters.upstream_requests.values()] == [30]
        os.kill(first.pop(), signal.SIGKILL)
        async with asyncio.timeout(20):
            while not (await backend.counts())[0].restarts or len(children() - before) < 2:
                await asyncio.sleep(0.02)
        assert {await ask(port, EVIL) for _ in range(10)} == {200}  # the new one has the policy in force
        assert sum((await backend.counts())[0].requests.values()) == 40
        assert out.objects[0]["event.name"] == "worker-died"
        backend.announce()
        async with asyncio.timeout(20):
            await backend.drain()
        assert not children() - before and not backend.ready
        await backend.close()


async def test_workers_that_cannot_start(lines: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    out = lines()
    backend = WorkerPool(Events(out))
    sockets = bind(policy("http://127.0.0.1:1").listen)
    with pytest.raises(ChildProcessError):
        await backend.start(policy("http://127.0.0.1:1", more=TWO), sockets)
    await backend.close()
    assert out.objects[0]["event.name"] == "worker-died" and out.objects[0]["code"] == 1


class Two:
    """Two workers, and the policies for one origin each; to prepare one a worker has to open a file."""

    def __init__(self, backend: WorkerPool, upstream: str, port: int, folder: Path, known: set[int]) -> None:
        self.backend, self.upstream, self.port, self.folder, self.known = (
            backend,
            upstream,
            port,
            folder,
            known,
        )

    def policy(self, origin: str) -> Policy:
        secure = "routes: [{path: /secure, upstream: 'https://127.0.0.1:1'}]\n"
        return policy(
            self.upstream,
            origin,
            f"{secure}server: {{workers: 2, access_log: off, upstream_tls: {{ca: {self.folder}/ca.crt}}}}\n",
        )

    def workers(self) -> set[int]:
        return children() - self.known

    async def statuses(self, origin: str) -> set[int]:
        """Connections go to whoever is first: of so many each worker gets some."""
        return {await ask(self.port, origin) for _ in range(30)}


@pytest.fixture
async def two(lines: Callable[[], Any], tmp_path: Path) -> AsyncIterator[Two]:
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.crt")
    known = children()
    async with api() as upstream:
        backend = WorkerPool(Events(lines()))
        found = Two(backend, upstream, 0, tmp_path, known)
        sockets = bind(found.policy(APP).listen)
        found.port = sockets[0].getsockname()[1]
        await backend.start(found.policy(APP), sockets)
        yield found
        await backend.close()


@asynccontextmanager
async def unable(pid: int) -> AsyncIterator[None]:
    """A process that can open nothing."""
    before = resource.prlimit(
        pid, resource.RLIMIT_NOFILE, (0, resource.prlimit(pid, resource.RLIMIT_NOFILE)[1])
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


async def state(pid: int, wanted: str) -> None:
    async with asyncio.timeout(20):
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != wanted:
            await asyncio.sleep(0.001)


async def stopped(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    await state(pid, "T")


async def test_what_fails_in_one_worker_is_in_force_in_none(two: Two) -> None:
    async with unable(min(two.workers())):
        with pytest.raises(OSError, match="open files"):
            await two.backend.apply(two.policy(EVIL))
    assert (await two.statuses(APP), await two.statuses(EVIL)) == ({200}, {403})
    os.kill(max(two.workers()), signal.SIGKILL)  # and who comes later is handed the one in force
    async with asyncio.timeout(20):
        while not (await two.backend.counts())[0].restarts or len(two.workers()) < 2:
            await asyncio.sleep(0.01)
    assert (await two.statuses(APP), await two.statuses(EVIL)) == ({200}, {403})
    await two.backend.apply(two.policy(EVIL))
    assert (await two.statuses(APP), await two.statuses(EVIL)) == ({403}, {200})


async def test_a_silent_worker_is_a_failure(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = min(two.workers())
    await stopped(silent)
    monkeypatch.setattr(worker_pool, "APPLY_TIMEOUT", 0.5)
    with pytest.raises(OSError, match="did not answer"):
        await two.backend.apply(two.policy(EVIL))
    os.kill(silent, signal.SIGCONT)
    assert (await two.statuses(APP), await two.statuses(EVIL)) == ({200}, {403})


async def test_a_worker_that_dies_in_between_does_not_hold_it_up(two: Two) -> None:
    dying = min(two.workers())
    await stopped(dying)
    applied = asyncio.create_task(two.backend.apply(two.policy(EVIL)))
    await asyncio.sleep(0)  # it has been sent to both
    os.kill(dying, signal.SIGKILL)
    await applied
    assert (await two.statuses(APP), await two.statuses(EVIL)) == ({403}, {200})


@pytest.mark.parametrize("fails", [False, True])
async def test_a_worker_that_starts_in_between_has_the_new_one_too(two: Two, fails: bool) -> None:
    """It was handed the old one.  If it cannot take the new one it ends: the policy is in force in the others already."""
    waits, dying = sorted(two.workers())
    await stopped(waits)
    applied = asyncio.create_task(two.backend.apply(two.policy(EVIL)))
    await asyncio.sleep(0)
    os.kill(dying, signal.SIGKILL)
    async with asyncio.timeout(20):
        while not any(
            worker.ready for worker in two.backend._workers if worker.process.pid not in (waits, dying)
        ):
            await asyncio.sleep(0.01)
        (young,) = two.workers() - {waits, dying}
        async with unable(young) if fails else contextlib.nullcontext():
            if not fails:
                assert await ask(two.port, APP) == 200
            os.kill(waits, signal.SIGCONT)
            await applied
        while fails and (young in two.workers() or len(two.workers()) < 2):
            await asyncio.sleep(0.01)
    assert (await two.statuses(APP), await two.statuses(EVIL)) == ({403}, {200})
