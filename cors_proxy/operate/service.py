"""The life of a serving process: bind, serve, reload, drain, leave (DESIGN, section 7)."""

import asyncio
import signal
import socket
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from ..policy.model import Policy
from ..policy.problems import Problem
from . import signals
from .admin import application
from .admin_listener import AdminListener
from .backend import Backend
from .counters import Counters, Gauges
from .events import Events
from .listeners import bind, describe
from .page.decision_event import Deliver
from .reload import Reloader, Source, listed


class Service:
    """A policy in force: its backend, its admin listener, its reloads.  Implements `admin.Operated`."""

    def __init__(self, policy: Policy, source: Source, backend: Backend, events: Events) -> None:
        self._backend = backend
        self._events = events
        self._reloader = Reloader(source, policy, backend.apply, events)
        self._admin: AdminListener | None = None
        self._watch: asyncio.Task[None] | None = None
        self._reloads: list[asyncio.Task[list[str]]] = []  # one that runs, and one that waits for it
        self._ends: asyncio.Queue[signal.Signals] = asyncio.Queue()
        self._hung_up = False  # before there was anything to reload
        self._draining = False

    @property
    def policy(self) -> Policy:
        return self._reloader.policy

    @property
    def ready(self) -> bool:
        return self._backend.ready and not self._draining

    async def counts(self) -> tuple[Counters, Gauges]:
        return await self._backend.counts()

    def watch(self, deliver: Deliver | None) -> None:
        self._backend.watch(deliver)

    async def metrics(self) -> bytes:
        from . import metrics  # with its library it is a megabyte of every process that nobody asks

        counters, gauges = await self._backend.counts()
        return await asyncio.to_thread(
            metrics.text, counters.copy(), replace(gauges), replace(self._reloader.count)
        )

    async def reload(self, cause: str) -> list[str]:
        # It goes on to its end, also where whoever asked for it does not wait: a half of it would be in force in half of the workers.
        return await asyncio.shield(self._order(cause))

    async def start(
        self, traffic: list[socket.socket], admin: list[socket.socket], warnings: list[Problem]
    ) -> None:
        """Bind what was not handed over, and serve.  OSError where an address cannot be had."""
        policy = self.policy
        traffic = traffic or bind(policy.listen)
        if policy.admin is not None and not admin:
            try:
                admin = bind(policy.admin.listen)
            except OSError:
                for each in traffic:
                    each.close()
                raise
        scheme = "https" if policy.server.tls else "http"
        where = {
            "listen": [describe(each, scheme) for each in traffic],
            "admin": [describe(each, "http") for each in admin],
        }
        await self._backend.start(policy, traffic)
        if admin:
            self._admin = AdminListener(application(self))
            await self._admin.start(admin)
        self._watch = asyncio.create_task(self._reloader.watch())
        where["upstream"] = list(dict.fromkeys(str(each.upstream) for each in policy.forwarding))
        self._events.info(
            "listening", f"listening on {', '.join(where['listen'])}", **where, **listed(map(str, warnings))
        )
        if self._hung_up:
            self._order("SIGHUP")

    async def run(self, start: Coroutine[Any, Any, None]) -> None:
        """Do `start`, and serve until SIGTERM or SIGINT, then drain; a second one ends at once.  Raises what `start` raises."""
        loop = asyncio.get_running_loop()
        signals.hand_over(lambda number: loop.call_soon_threadsafe(self._obey, signal.Signals(number)))
        starting, told = asyncio.create_task(start), asyncio.create_task(self._ends.get())
        try:
            await asyncio.wait({starting, told}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                number = await told
                self._events.info("draining", f"{number.name}: no longer ready, finishing what is in flight")
                await self._until_told(self._drain())
        finally:
            # From here to the end nothing takes long, and nothing is left to reload.
            signals.ignore()
            await _cancelled(starting, told)

    async def _until_told(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it, or leave off at the next SIGTERM or SIGINT."""
        working, told = asyncio.create_task(work), asyncio.create_task(self._ends.get())
        await asyncio.wait({working, told}, return_when=asyncio.FIRST_COMPLETED)
        await _cancelled(working, told)
        if not working.cancelled() and (error := working.exception()) is not None:
            self._events.failure(error)

    def _obey(self, number: signal.Signals) -> None:
        if number is not signal.SIGHUP:
            self._ends.put_nowait(number)
        elif self._watch is None:
            self._hung_up = True
        else:
            self._order("SIGHUP")

    async def close(self) -> None:
        """End at once whatever is left."""
        await _cancelled(*self._reloads, *([] if self._watch is None else [self._watch]))
        await self._backend.close()
        if self._admin is not None:
            await self._admin.close()
        self._reloader.close()
        self._events.info("stopped", "the end")

    async def _drain(self) -> None:
        self._draining = True
        self._backend.announce()
        await asyncio.sleep(self.policy.server.drain_delay)
        await self._backend.drain()

    def _order(self, cause: str) -> asyncio.Task[list[str]]:
        """A reload that has not begun yet: it will see whatever this one is about."""
        if len(self._reloads) < 2:
            task = asyncio.create_task(self._reloader.reload(cause))
            self._reloads.append(task)
            task.add_done_callback(self._reloads.remove)
        return self._reloads[-1]


async def _cancelled(*tasks: asyncio.Task[Any]) -> None:
    """They have ended, one way or the other."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
