"""Starts workers on inherited listening sockets, replaces those that die, and keeps them in step.

The supervisor serves no traffic.  Workers are new processes, not forks: an event loop, its threads
and its descriptors do not survive a fork.

Messages to a worker, each answered by `done` with the same number and an error text ("" for none):

    policy    prepare and commit; the first one starts the worker, which answers `ready` instead
    prepare   everything about a policy that can fail
    commit    put the prepared policy in force
    counts    send `counts`, `refusals` and `seen` now
    list      a list of a feed, for the policy in force or one that comes later

Messages without an answer: `abort` (drop the prepared policy), `subscribe` (send `decisions`, or
stop), `announce` and `drain`.  A worker sends `counts`, `refusals`, `seen` and `decisions` on its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ..cors.feeds import FeedList
from ..cors.spec import OriginFeed
from ..policy.feed_list import pack
from ..policy.model import Policy
from .channel import Channel
from .counters import Counters, Gauges
from .events import Events
from .lazy_memory import LazyMemory
from .page.decision_event import DecisionEvent, Deliver
from .process import ASK, resident_memory
from .refusals import Refusals

if TYPE_CHECKING:
    from ..learn.memory import Memory

COUNTS_TIMEOUT: Final = 2.0  # seconds
APPLY_TIMEOUT: Final = 10.0  # seconds
STABLE_AFTER: Final = 10.0  # seconds; the end of a younger worker counts as a failed start
RESTART_DELAYS: Final = (0.0, 0.1, 0.5, 1.0, 5.0)  # seconds, by the number of failed starts in a row
KILL_GRACE: Final = 5.0  # seconds after `drain.timeout` until workers are killed


@dataclass(slots=True, eq=False)
class _Worker:
    process: Process
    channel: Channel
    gauges: Gauges = field(default_factory=Gauges)
    ready: bool = False
    unanswered: dict[int, asyncio.Future[str]] = field(default_factory=dict)  # by number


def _kill(worker: _Worker) -> None:
    with contextlib.suppress(ProcessLookupError):
        worker.process.kill()


class WorkerPool:
    """A `Backend` of `policy.server.workers` processes."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._policy: Policy | None = None
        self._sockets: list[socket.socket] = []
        self._lists: dict[OriginFeed, bytes] = {}  # for workers that start later
        self._asks: list[socket.socket] = []
        self._workers: set[_Worker] = set()
        self._slots: list[asyncio.Task[None]] = []
        self._total = Counters()
        self._refusals = Refusals()
        self._memory = LazyMemory()
        self._last_number = 0
        self._stopping = asyncio.Event()
        self._deliver: Deliver | None = None  # None while nobody follows the decisions

    @property
    def ready(self) -> bool:
        return any(worker.ready for worker in self._workers)

    async def start(
        self, policy: Policy, sockets: list[socket.socket], asks: list[socket.socket] | None = None
    ) -> None:
        self._policy, self._sockets, self._asks = policy, sockets, asks or []
        first = [asyncio.get_running_loop().create_future() for _ in range(policy.server.workers)]
        self._slots = [asyncio.create_task(self._run_slot(future)) for future in first]
        if not any(await asyncio.gather(*first)):
            raise ChildProcessError("no worker could start")

    async def apply(self, policy: Policy) -> None:
        """Two phases, so that a policy is in force in all workers or in none.

        First each worker prepares it, which can fail.  Then each commits it, which cannot.
        """
        ready = [worker for worker in self._workers if worker.ready]
        if faults := await self._request("prepare", policy, ready, APPLY_TIMEOUT):
            for worker in ready:
                worker.channel.send("abort")
            raise OSError(next(iter(faults.values())))
        self._policy = policy  # workers that start from now on get this one
        self._lists = {feed: packed for feed, packed in self._lists.items() if feed in policy.site.feeds}
        # These started with the old policy, and were not ready when `prepare` was sent.
        late = [worker for worker in self._workers if worker not in ready]
        for faults in await asyncio.gather(
            self._request("commit", None, ready, APPLY_TIMEOUT),
            self._request("policy", policy, late, APPLY_TIMEOUT),
        ):
            # Such a worker would keep the old policy.  Its successor gets the new one.
            for worker in faults:
                _kill(worker)

    async def put_list(self, feed: OriginFeed, origins: FeedList) -> None:
        packed = self._lists[feed] = pack(origins)
        # A worker that does not answer would keep the old list.  Its successor gets the new one.
        for worker in await self._request("list", (feed, packed), list(self._workers), APPLY_TIMEOUT):
            _kill(worker)

    async def counts(self) -> tuple[Counters, Gauges]:
        await self._report()
        gauges = Gauges(memory=resident_memory())
        for worker in self._workers:
            gauges.merge(worker.gauges)
        self._total.keep_addresses(gauges.upstreams)
        return self._total, gauges

    async def refusals(self) -> list[DecisionEvent]:
        await self._report()
        return self._refusals.newest_last()

    async def memory(self) -> Memory:
        await self._report()
        return self._memory.get()

    async def _report(self) -> None:
        ready = [worker for worker in self._workers if worker.ready]
        await self._request("counts", None, ready, COUNTS_TIMEOUT)

    def subscribe(self, deliver: Deliver | None) -> None:
        self._deliver = deliver
        for worker in self._workers:
            worker.channel.send("subscribe", deliver is not None)

    def announce(self) -> None:
        self._stopping.set()
        for worker in self._workers:
            worker.channel.send("announce")

    async def drain(self) -> None:
        self._stopping.set()
        # The kernel queues connections for as long as a process holds the sockets open.
        for listener in (*self._sockets, *self._asks):
            listener.close()
        for worker in self._workers:
            worker.channel.send("drain")
        assert self._policy is not None
        await asyncio.wait(self._slots, timeout=self._policy.server.drain_timeout + KILL_GRACE)

    async def close(self) -> None:
        self._stopping.set()
        for listener in (*self._sockets, *self._asks):
            listener.close()
        for worker in self._workers:
            _kill(worker)
        if self._slots:
            await asyncio.wait(self._slots)

    async def _request(
        self, kind: str, value: object, workers: list[_Worker], seconds: float
    ) -> dict[_Worker, str]:
        """Send a message to each, and wait for `done` or the worker's end.  Errors by worker."""
        self._last_number += 1
        futures: dict[asyncio.Future[str], _Worker] = {}
        for worker in self._workers.intersection(workers):
            future = worker.unanswered[self._last_number] = asyncio.get_running_loop().create_future()
            worker.channel.send(kind, (self._last_number, value))
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

    async def _run_slot(self, first: asyncio.Future[bool]) -> None:
        """Keep one worker running: start the next one when it ends.

        `first` is set to whether the first worker became ready.
        """
        loop = asyncio.get_running_loop()
        failed = 0
        while not self._stopping.is_set():
            started = loop.time()
            try:
                code = await self._run_worker(first)
            except Exception as error:  # a bug must not end the slot
                self._events.failure(error)
                code = -1
            if not first.done():
                first.set_result(False)
            if self._stopping.is_set():
                break
            failed = 0 if loop.time() - started > STABLE_AFTER else failed + 1
            self._total.restarts += 1
            self._events.error("worker-died", "a worker ended and is replaced", code=code)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(
                    self._stopping.wait(), RESTART_DELAYS[min(failed, len(RESTART_DELAYS) - 1)]
                )

    async def _run_worker(self, first: asyncio.Future[bool]) -> int:
        """Start a worker, and handle its messages until it ends.  Returns its exit code."""
        own_end, worker_end = socket.socketpair()
        descriptors = [worker_end.fileno(), *(listener.fileno() for listener in self._sockets)]
        asks = [listener.fileno() for listener in self._asks]
        names = [*map(str, descriptors), *(f"{ASK}{number}" for number in asks)]
        command = [sys.executable, "-P", "-m", "cors_proxy.worker", *names]
        try:
            # In a new session, out of reach of a terminal's SIGINT and SIGHUP.
            process = await asyncio.create_subprocess_exec(
                *command, stdin=DEVNULL, pass_fds=[*descriptors, *asks], start_new_session=True
            )
        except OSError as error:
            own_end.close()
            self._events.error("worker-start", f"cannot start a worker: {error}")
            return -1
        finally:
            worker_end.close()
        worker = _Worker(process, await Channel.open(own_end))
        self._workers.add(worker)
        if self._stopping.is_set():  # `close` ran before this worker was in the set
            _kill(worker)
        try:
            for feed, packed in self._lists.items():
                worker.channel.send("list", (0, (feed, packed)))
            worker.channel.send("policy", (0, self._policy))
            with contextlib.suppress(EOFError):
                while True:
                    kind, value = await worker.channel.receive()
                    self._handle_message(worker, kind, value)
                    if worker.ready and not first.done():
                        first.set_result(True)
            return await process.wait()
        finally:
            self._workers.discard(worker)
            worker.channel.close()
            for future in worker.unanswered.values():
                if not future.done():
                    future.set_result("")
            if process.returncode is None:
                process.kill()
                await process.wait()

    def _handle_message(self, worker: _Worker, kind: str, value: Any) -> None:
        if kind == "counts":
            counters, worker.gauges = value
            self._total.merge(counters)
        elif kind == "refusals":
            self._refusals.add(value)
        elif kind == "seen":
            self._memory.take(*value)
        elif kind == "ready":
            worker.ready = True
            if self._deliver is not None:
                worker.channel.send("subscribe", True)
            if self._stopping.is_set():
                worker.channel.send("drain")
        elif kind == "decisions":
            if self._deliver is not None:
                self._deliver(*value)
        elif kind == "done":
            number, error = value
            future = worker.unanswered.pop(number, None)
            if future is not None and not future.done():
                future.set_result(error)
