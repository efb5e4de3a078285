"""Several workers on one inherited listening socket: started, counted together, told of a new policy, replaced when they die.

The supervisor serves no traffic.  Workers are fresh processes, not forks: a loop, its threads and its descriptors
do not survive a fork."""

import asyncio
import contextlib
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from dataclasses import dataclass, field
from typing import Any, Final

from ..policy.model import Policy
from .channel import Channel
from .counters import Counters, Gauges
from .events import Events
from .page.decision_event import Deliver

ANSWER: Final = 2.0  # seconds for a worker to send its counts
APPLY: Final = 10.0  # seconds for a worker to take a policy
STEADY: Final = 10.0  # seconds after which a worker's death is no failed start
PAUSES: Final = (0.0, 0.1, 0.5, 1.0, 5.0)  # seconds before the next start, after so many failed ones
GRACE: Final = 5.0  # seconds beyond drain.timeout before a worker is killed


@dataclass(slots=True, eq=False)
class _Worker:
    process: Process
    channel: Channel
    gauges: Gauges = field(default_factory=Gauges)
    ready: bool = False
    waiting: dict[int, asyncio.Future[str]] = field(default_factory=dict)  # what it has not yet acknowledged


def _kill(worker: _Worker) -> None:
    with contextlib.suppress(ProcessLookupError):
        worker.process.kill()


class WorkerPool:
    """A `Backend` of `policy.server.workers` processes."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._policy: Policy | None = None
        self._sockets: list[socket.socket] = []
        self._workers: set[_Worker] = set()
        self._slots: list[asyncio.Task[None]] = []
        self._total = Counters()
        self._serial = 0
        self._leaving = asyncio.Event()
        self._deliver: Deliver | None = None  # to whom decisions go, while somebody looks

    @property
    def ready(self) -> bool:
        return any(worker.ready for worker in self._workers)

    async def start(self, policy: Policy, sockets: list[socket.socket]) -> None:
        self._policy, self._sockets = policy, sockets
        first = [asyncio.get_running_loop().create_future() for _ in range(policy.server.workers)]
        self._slots = [asyncio.create_task(self._keep(future)) for future in first]
        if not any(await asyncio.gather(*first)):
            raise ChildProcessError("no worker could start")

    async def apply(self, policy: Policy) -> None:
        """In force in all workers, or in none: each prepares it, which is all that can fail, and then each switches."""
        asked = [each for each in self._workers if each.ready]
        if faults := await self._ask("prepare", policy, asked, APPLY):
            for worker in asked:
                worker.channel.send("abort")
            raise OSError(next(iter(faults.values())))
        self._policy = policy  # whoever starts from here on is handed this one
        late = [
            each for each in self._workers if each not in asked
        ]  # handed the old one, and not ready when all were asked
        for faults in await asyncio.gather(
            self._ask("commit", None, asked, APPLY), self._ask("policy", policy, late, APPLY)
        ):
            for worker in faults:  # it must not go on under the old one: its successor does not
                _kill(worker)

    async def counts(self) -> tuple[Counters, Gauges]:
        await self._ask("counts", None, [each for each in self._workers if each.ready], ANSWER)
        gauges = Gauges()
        for worker in self._workers:
            gauges.in_flight += worker.gauges.in_flight
            gauges.connections += worker.gauges.connections
        return self._total, gauges

    def watch(self, deliver: Deliver | None) -> None:
        self._deliver = deliver
        for worker in self._workers:
            worker.channel.send("watch", deliver is not None)

    def announce(self) -> None:
        self._leaving.set()
        for worker in self._workers:
            worker.channel.send("announce")

    async def drain(self) -> None:
        self._leaving.set()
        # While this process holds the sockets the kernel goes on accepting for nobody.
        for each in self._sockets:
            each.close()
        for worker in self._workers:
            worker.channel.send("drain")
        assert self._policy is not None
        await asyncio.wait(self._slots, timeout=self._policy.server.drain_timeout + GRACE)

    async def close(self) -> None:
        self._leaving.set()
        for each in self._sockets:
            each.close()
        for worker in self._workers:
            _kill(worker)
        if self._slots:
            await asyncio.wait(self._slots)

    async def _ask(
        self, kind: str, value: object, workers: list[_Worker], seconds: float
    ) -> dict[_Worker, str]:
        """Send to each, and wait until it has acknowledged or died; what went wrong, by worker."""
        self._serial += 1
        futures: dict[asyncio.Future[str], _Worker] = {}
        for worker in self._workers.intersection(workers):
            future = worker.waiting[self._serial] = asyncio.get_running_loop().create_future()
            worker.channel.send(kind, (self._serial, value))
            futures[future] = worker
        if not futures:
            return {}
        done, silent = await asyncio.wait(futures, timeout=seconds)
        if silent:
            self._events.warn(
                "worker-silent", f"{len(silent)} workers did not answer within {seconds:g} s", asked=kind
            )
        faults = {futures[future]: future.result() for future in done if future.result()}
        return faults | {
            futures[future]: f"a worker did not answer within {seconds:g} s" for future in silent
        }

    async def _keep(self, first: asyncio.Future[bool]) -> None:
        """One place among the workers: whoever dies is replaced."""
        loop = asyncio.get_running_loop()
        failed = 0
        while not self._leaving.is_set():
            started = loop.time()
            try:
                code = await self._life(first)
            except Exception as error:  # a bug here must not cost the place
                self._events.failure(error)
                code = -1
            if not first.done():
                first.set_result(False)
            if self._leaving.is_set():
                break
            failed = 0 if loop.time() - started > STEADY else failed + 1
            self._total.restarts += 1
            self._events.error("worker-died", "a worker ended and is replaced", code=code)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), PAUSES[min(failed, len(PAUSES) - 1)])

    async def _life(self, first: asyncio.Future[bool]) -> int:
        """One worker from its start to its end; its exit code."""
        ours, theirs = socket.socketpair()
        descriptors = [theirs.fileno(), *(each.fileno() for each in self._sockets)]
        command = [sys.executable, "-P", "-m", "cors_proxy.worker", *map(str, descriptors)]
        try:
            # In a session of its own, where no terminal's SIGINT or SIGHUP finds it before it has its handlers.
            process = await asyncio.create_subprocess_exec(
                *command, stdin=DEVNULL, pass_fds=descriptors, start_new_session=True
            )
        except OSError as error:
            ours.close()
            self._events.error("worker-start", f"cannot start a worker: {error}")
            return -1
        finally:
            theirs.close()
        worker = _Worker(process, await Channel.open(ours))
        self._workers.add(worker)
        if self._leaving.is_set():  # whoever ends them all did not know of it yet
            _kill(worker)
        try:
            worker.channel.send("policy", (0, self._policy))
            with contextlib.suppress(EOFError):
                while True:
                    kind, value = await worker.channel.receive()
                    self._hear(worker, kind, value)
                    if worker.ready and not first.done():
                        first.set_result(True)
            return await process.wait()
        finally:
            self._workers.discard(worker)
            worker.channel.close()
            for future in worker.waiting.values():
                if not future.done():
                    future.set_result("")
            if process.returncode is None:
                process.kill()
                await process.wait()

    def _hear(self, worker: _Worker, kind: str, value: Any) -> None:
        if kind == "counts":
            counters, worker.gauges = value
            self._total.merge(counters)
        elif kind == "ready":
            worker.ready = True
            if self._deliver is not None:
                worker.channel.send("watch", True)
            if self._leaving.is_set():
                worker.channel.send("drain")
        elif kind == "seen":
            if self._deliver is not None:
                self._deliver(*value)
        elif kind == "done":
            serial, fault = value
            future = worker.waiting.pop(serial, None)
            if future is not None and not future.done():
                future.set_result(fault)
