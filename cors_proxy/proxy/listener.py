"""A listener: its sockets, its connections and their places.

`aiohttp.web.Server` and `ServerRunner` own the sockets and the set of connections; the connections
are ours (ADR 0001)."""

import asyncio
import socket
from collections import deque
from time import monotonic
from typing import Any, Final, cast

from aiohttp import web

from ..policy.model import Address
from .context import Context
from .server import Server
from .waiting_room import Admission, Arrival

_BACKLOG: Final = 1024


class Listener(Admission):
    """Admits `limit` connections of one kind; as many may wait for a place."""

    def __init__(self, context: Context, kind: type[Arrival]) -> None:
        self.context = context
        self.limit = 0
        self._kind = kind
        self._server = Server(self._connection)
        self._runner = web.ServerRunner(self._server)
        self._waiting: deque[Arrival] = deque()
        self._admitted = 0
        self._empty = asyncio.Event()

    def _connection(self) -> Arrival:
        return self._kind(self.context, self)

    async def listen(self, address: Address, sockets: list[socket.socket] | None) -> None:
        """Listens on `sockets` where they are handed in.  Raises OSError where it cannot."""
        await self._runner.setup()
        sites: list[web.BaseSite]
        if sockets:
            sites = [web.SockSite(self._runner, one, backlog=_BACKLOG) for one in sockets]
        elif address.path:
            sites = [web.UnixSite(self._runner, address.path, backlog=_BACKLOG)]
        else:
            sites = [web.TCPSite(self._runner, address.host, address.port, backlog=_BACKLOG)]
        for site in sites:
            await site.start()

    async def stop(self) -> None:
        """Accepts nothing more; the responses under way are the last ones."""
        for site in list(self._runner.sites):
            await site.stop()
        for waiting in self._waiting:
            waiting.transport.abort()
        self._waiting.clear()
        self._server.pre_shutdown()

    async def emptied(self) -> None:
        """Waits until the last connection has ended."""
        self._empty.clear()
        if self._admitted:
            await self._empty.wait()

    async def end(self) -> None:
        """Ends everything at once."""
        await self._server.shutdown(0)
        await self._runner.cleanup()

    def tick(self, now: float) -> None:
        """Called by the coarse clock: looks at the deadlines."""
        for client in self._server.connections:
            connection = cast(Arrival, client)
            if connection.clock.deadline <= now:
                try:
                    connection.tick(now)
                except Exception as error:  # a bug in one connection must not stop the clock of all
                    self.context.recorder.failure(error)

    def arrived(self, client: Arrival) -> None:
        """Serves a new connection, or lets it wait for a place, or ends it where too many wait."""
        self._server.connection_made(cast(Any, client), cast(Any, client.transport))
        self.context.recorder.connections(1)
        if self._admitted < self.limit:
            self._admitted += 1
            client.begin()
        elif len(self._waiting) < self.limit and not self.context.draining:
            self._waiting.append(client)
            client.wait(monotonic() + self.context.policy.server.timeouts.connect)
        else:
            client.admitted = False
            client.transport.abort()

    def left(self, client: Arrival, error: Exception | None) -> None:
        self._server.connection_lost(cast(Any, client), error)
        self.context.recorder.connections(-1)
        if not client.admitted:
            if client in self._waiting:
                self._waiting.remove(client)
            return
        self._admitted -= 1
        while self._waiting and self._admitted < self.limit:
            self._admitted += 1
            self._waiting.popleft().admit()
        if not self._admitted:
            self._empty.set()
