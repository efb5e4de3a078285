"""The life of a serving process: bind, serve, reload, drain, close.

`docs/operating.md` describes what signals do.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..policy.model import Address, Policy
from ..policy.problems import Problem
from . import signals
from .admin import application
from .admin_listener import AdminListener
from .backend import Backend
from .banner import banner
from .counters import Counters, Gauges
from .events import Events
from .feeds import Feeds, RequiredFeedError
from .listeners import SocketFile, bind, describe
from .page.decision_event import DecisionEvent, Deliver
from .reload import Reloader, Source, problem_fields

if TYPE_CHECKING:
    from ..explain.change import PolicyText
    from ..learn.memory import Memory


class Service:
    """A policy in force, with its backend, its admin listener and its reloads.

    Implements `admin.AdminService`.
    """

    def __init__(
        self,
        policy: Policy,
        source: Source,
        backend: Backend,
        events: Events,
        text: PolicyText | None = None,
    ) -> None:
        self.text = text  # of a policy that is in no file, for the admin page
        self._backend = backend
        self._events = events
        self._feeds = Feeds(backend.put_list, events)
        self._reloader = Reloader(source, policy, self._apply, events)
        self._admin: AdminListener | None = None
        self._file_watch: asyncio.Task[None] | None = None
        self._reloads: list[asyncio.Task[list[str]]] = []  # one that runs, one that waits
        self._stop_signals: asyncio.Queue[signal.Signals] = asyncio.Queue()
        self._reload_pending = False  # a SIGHUP came before `start` had finished
        self._draining = False
        self._socket_files: list[SocketFile] = []

    @property
    def policy(self) -> Policy:
        return self._reloader.policy

    @property
    def ready(self) -> bool:
        return self._backend.ready and not self._draining

    async def counts(self) -> tuple[Counters, Gauges]:
        return await self._backend.counts()

    async def refusals(self) -> list[DecisionEvent]:
        return await self._backend.refusals()

    async def memory(self) -> Memory:
        return await self._backend.memory()

    def subscribe(self, deliver: Deliver | None) -> None:
        self._backend.subscribe(deliver)

    async def metrics(self) -> bytes:
        # Imported on the first request: prometheus_client costs each process a megabyte.
        from . import metrics

        counters, gauges = await self._backend.counts()
        server = self.policy.server
        return await asyncio.to_thread(
            metrics.render,
            counters.copy(),
            gauges.copy(),
            replace(self._reloader.reloads),
            server.limits.connections * server.workers,
            self._feeds.status(),
        )

    async def reload(self, cause: str) -> list[str]:
        # Shielded: a reload that is cancelled halfway would be in force in some workers only.
        return await asyncio.shield(self._schedule_reload(cause))

    async def start(
        self,
        traffic: list[socket.socket],
        admin: list[socket.socket],
        warnings: list[Problem],
        notice: str = "",
        asks: list[socket.socket] | None = None,
    ) -> None:
        """Bind the sockets that were not passed in, and serve.  Raises OSError if that fails,
        `RequiredFeedError` if a list is missing.

        `notice` is one line about the policy, for the log.
        """
        policy = self.policy
        await self._feeds.prepare(policy)
        # The admin port first: a client that reaches the traffic's port can then reach this one too.
        wanted = {
            "admin": (policy.admin.listen if policy.admin else None, admin),
            "decide": (policy.decide.listen if policy.decide else None, asks or []),
            "listen": (policy.listen if policy.forwards else None, traffic),
        }
        sockets: dict[str, list[socket.socket]] = {}
        try:
            for key, (address, given) in wanted.items():
                sockets[key] = given or ([] if address is None else self._bind(address))
        except OSError:
            for listener in (one for bound in sockets.values() for one in bound):
                listener.close()
            raise
        scheme, admin = "https" if policy.server.tls else "http", sockets["admin"]
        addresses = {
            "listen": [describe(listener, scheme) for listener in sockets["listen"]],
            "admin": [describe(listener, "http") for listener in admin],
        }
        if policy.decide is not None:
            spoken = "grpc" if policy.decide.dialect == "grpc" else "http"
            addresses["decide"] = [describe(listener, spoken) for listener in sockets["decide"]]
        await self._backend.start(policy, sockets["listen"], sockets["decide"])
        self._feeds.commit(policy)
        if admin:
            self._admin = AdminListener(application(self))
            await self._admin.start(admin)
        self._file_watch = asyncio.create_task(self._reloader.watch())
        addresses["upstream"] = list(
            dict.fromkeys(url for route in policy.forwarding for url in route.upstream.urls)
        )
        self._say_listening(addresses, warnings)
        if notice:
            self._events.info("defaults", notice)
        if self._reload_pending:
            self._schedule_reload("SIGHUP")

    async def _apply(self, policy: Policy) -> None:
        """For the reloader: with the lists of the feeds that are new."""
        try:
            await self._feeds.prepare(policy)
        except RequiredFeedError as error:
            raise OSError(str(error)) from None
        await self._backend.apply(policy)
        self._feeds.commit(policy)

    def _bind(self, address: Address) -> list[socket.socket]:
        sockets = bind(address)
        if (file := SocketFile.of(address)) is not None:
            self._socket_files.append(file)
        return sockets

    def _say_listening(self, addresses: dict[str, list[str]], warnings: list[Problem]) -> None:
        if self._events.readable:
            for line in banner(
                self.policy, addresses["listen"], addresses["admin"], addresses.get("decide", [])
            ):
                self._events.say(line)
            for warning in warnings:
                self._events.say(str(warning))
            return
        self._events.info(
            "listening",
            f"listening on {', '.join(addresses['listen'] or addresses['decide'])}",
            **addresses,
            **problem_fields(map(str, warnings)),
        )

    async def run(self, start: Coroutine[Any, Any, None]) -> None:
        """Await `start`, serve until SIGTERM or SIGINT, then drain.

        A second signal ends the drain.  Raises what `start` raises.
        """
        loop = asyncio.get_running_loop()
        signals.forward_to(lambda number: loop.call_soon_threadsafe(self._on_signal, signal.Signals(number)))
        starting, stop_signal = asyncio.create_task(start), asyncio.create_task(self._stop_signals.get())
        try:
            await asyncio.wait({starting, stop_signal}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                number = await stop_signal
                self._events.info("draining", f"{number.name}: no longer ready, finishing requests in flight")
                await self._run_until_stop_signal(self._drain())
        finally:
            # The rest is short and has nothing to reload.
            signals.ignore()
            await _cancel(starting, stop_signal)

    async def _run_until_stop_signal(self, work: Coroutine[Any, Any, None]) -> None:
        """Await `work`, or cancel it at the next SIGTERM or SIGINT."""
        task, stop_signal = asyncio.create_task(work), asyncio.create_task(self._stop_signals.get())
        await asyncio.wait({task, stop_signal}, return_when=asyncio.FIRST_COMPLETED)
        await _cancel(task, stop_signal)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._events.failure(error)

    def _on_signal(self, number: signal.Signals) -> None:
        if number is not signal.SIGHUP:
            self._stop_signals.put_nowait(number)
        elif self._file_watch is None:
            self._reload_pending = True
        else:
            self._schedule_reload("SIGHUP")

    async def close(self) -> None:
        """Close all connections and sockets now."""
        await _cancel(*self._reloads, *([] if self._file_watch is None else [self._file_watch]))
        await self._feeds.close()
        await self._backend.close()
        if self._admin is not None:
            await self._admin.close()
        self._reloader.close()
        for file in self._socket_files:
            file.remove()
        self._events.info("stopped", "stopped")

    async def _drain(self) -> None:
        self._draining = True
        self._backend.announce()
        await asyncio.sleep(self.policy.server.drain_delay)
        await self._backend.drain()

    def _schedule_reload(self, cause: str) -> asyncio.Task[list[str]]:
        """Start a reload, or return the one that waits: it has yet to read the policy."""
        if len(self._reloads) < 2:
            task = asyncio.create_task(self._reloader.reload(cause))
            self._reloads.append(task)
            task.add_done_callback(self._reloads.remove)
        return self._reloads[-1]


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    """Cancel the tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
