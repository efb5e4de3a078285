"""The edge: listeners, all client connections, the coarse clock, the policy and its swap, the drain.

`aiohttp.web.Server` and `ServerRunner` own listeners, TLS and the set of connections; the connections are ours (ADR 0001)."""

import asyncio
import resource
import socket
import ssl
from collections import deque
from email.utils import formatdate
from time import monotonic
from typing import Any, cast

from aiohttp import web

from ..policy.model import Policy, Upstream
from . import tls
from .bounds import Bounds, bounds_by_route
from .client import ClientConnection
from .forwarding import trusted
from .outbox import Outbox
from .pool import Pool
from .recorder import Exchange, Recorder

_FILES_KEPT = 48  # descriptors that are not for connections: listeners, the admin listener, logs
_BACKLOG = 1024


class Server(web.Server):
    """Makes connections of our own.  What it relies on: `connection_made`, `_connections`, `pre_shutdown`, `shutdown`."""

    def __init__(self, edge: "Edge") -> None:
        super().__init__(cast(Any, None))
        self._edge = edge

    def __call__(self) -> Any:
        return ClientConnection(self._edge)

    def connection_lost(self, handler: Any, exc: BaseException | None = None) -> None:
        # The inherited one looks at a private task of aiohttp's own connection.
        self._connections.pop(handler, None)


class Prepared:
    """A policy with all that is read from files for it: to put it in force cannot fail any more."""

    def __init__(self, policy: Policy) -> None:
        """Raises OSError or ssl.SSLError."""
        self.policy = policy
        self.certificate = None if policy.server.tls is None else tls.edge_context(policy.server.tls)
        secure = any(forwarding.upstream.tls for forwarding in policy.forwarding)
        self.upstream = tls.upstream_context(policy.server.upstream_tls) if secure else None


class Edge:
    """One process's data path."""

    def __init__(self, policy: Policy, recorder: Recorder) -> None:
        self.policy, self.recorder = policy, recorder
        self.loop = asyncio.get_running_loop()
        self.draining = False
        self.date_line = b""
        self.outbox = Outbox(self.loop, recorder.failure)
        self.pools: list[Pool] = []  # by a route's index
        self.bounds: list[Bounds] = []  # the same
        self._pools: dict[Upstream, Pool] = {}
        self._old_pools: list[Pool] = []
        self._server = Server(self)
        self._runner = web.ServerRunner(self._server)
        self.context: ssl.SSLContext | None = None  # of the listener; connections take it as they come
        self._waiting: deque[ClientConnection] = deque()
        self._admitted = 0
        self._trust: dict[str, bool] = {}
        # What every request asks for, of the policy.
        self.header_bytes = self.header_count = 0
        self.keep_alive, self.debug = 0.0, False
        self._timer: asyncio.TimerHandle | None = None
        self._empty = asyncio.Event()
        self._limit = 0
        self._pause = 0.5
        self.commit(Prepared(policy))

    # life

    async def start(self, sockets: list[socket.socket] | None = None) -> list[str]:
        """Listens, on `sockets` where they are handed in; the addresses.  Raises OSError where it cannot."""
        await self._runner.setup()
        address = self.policy.listen
        sites: list[web.BaseSite]
        if sockets:
            sites = [web.SockSite(self._runner, one, backlog=_BACKLOG) for one in sockets]
        elif address.path:
            sites = [web.UnixSite(self._runner, address.path, backlog=_BACKLOG)]
        else:
            sites = [web.TCPSite(self._runner, address.host, address.port, backlog=_BACKLOG)]
        for site in sites:
            await site.start()
        self._clock()
        scheme = "https" if self.context else "http"
        return [_shown(name, scheme) for name in self._runner.addresses]

    def swap(self, policy: Policy) -> None:
        """Another policy from the next request on; what is under way keeps its own.
        Raises OSError or ssl.SSLError, and then changes nothing."""
        self.commit(Prepared(policy))

    def commit(self, prepared: Prepared) -> None:
        """The switch."""
        policy = self.policy = prepared.policy
        self.context, context = prepared.certificate, prepared.upstream
        upstreams = {forwarding.upstream for forwarding in policy.forwarding}
        settings = policy.server.upstream_tls
        for upstream in list(self._pools):
            if upstream not in upstreams or upstream.tls:
                pool = self._pools.pop(upstream)
                pool.close_idle()
                self._old_pools.append(pool)
        for upstream in upstreams:
            pool = self._pools.setdefault(
                upstream, Pool(upstream, context if upstream.tls else None, settings.server_name, self.outbox)
            )
            pool.limit = policy.server.limits.upstream_connections
        limits = policy.server.limits
        self.header_bytes, self.header_count = limits.header_bytes, limits.header_count
        self.keep_alive, self.debug = policy.server.timeouts.keep_alive, policy.server.debug
        self.pools = [self._pools[forwarding.upstream] for forwarding in policy.forwarding]
        self.bounds = bounds_by_route(policy)
        self._trust.clear()
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._limit = min(policy.server.limits.connections, max(8, (files - _FILES_KEPT) // 2))
        timeouts = policy.server.timeouts
        of_connections = (timeouts.request_header, timeouts.keep_alive, timeouts.upstream_keep_alive)
        shortest = min(5.0, *of_connections, *(bounds.shortest() for bounds in self.bounds))
        self._pause = max(0.02, min(0.5, shortest / 10))

    async def drain(self) -> None:
        """Stops accepting, finishes what is under way with `Connection: close`, and cuts what is left after `drain.timeout`."""
        self.draining = True
        for site in list(self._runner.sites):
            await site.stop()
        for waiting in self._waiting:
            waiting.transport.abort()
        self._waiting.clear()
        self._server.pre_shutdown()
        self._empty.clear()
        if self._admitted:
            try:
                async with asyncio.timeout(self.policy.server.drain_timeout):
                    await self._empty.wait()
            except TimeoutError:
                pass

    async def close(self) -> None:
        """Ends everything at once."""
        if self._timer is not None:
            self._timer.cancel()
        await self._server.shutdown(0)
        await self._runner.cleanup()
        for pool in [*self._pools.values(), *self._old_pools]:
            pool.close()

    # connections

    def arrived(self, client: ClientConnection) -> None:
        """A new connection is served, or waits for a place, or is closed where too many wait."""
        self._server.connection_made(cast(Any, client), cast(Any, client.transport))
        self.recorder.connections(1)
        if self._admitted < self._limit:
            self._admitted += 1
            client.begin()
        elif len(self._waiting) < self._limit and not self.draining:
            self._waiting.append(client)
            client.wait(monotonic() + self.policy.server.timeouts.connect)
        else:
            client.admitted = False
            client.transport.abort()

    def left(self, client: ClientConnection, error: Exception | None) -> None:
        self._server.connection_lost(cast(Any, client), error)
        self.recorder.connections(-1)
        if not client.admitted:
            if client in self._waiting:
                self._waiting.remove(client)
            return
        self._admitted -= 1
        while self._waiting and self._admitted < self._limit:
            self._admitted += 1
            self._waiting.popleft().admit()
        if not self._admitted:
            self._empty.set()

    def trusts(self, peer: str) -> bool:
        """Whether a peer is one of `trusted_proxies`; remembered for a bounded number of addresses."""
        known = self._trust.get(peer)
        if known is None:
            if len(self._trust) >= 4096:
                self._trust.clear()
            known = self._trust[peer] = trusted(peer, self.policy.server.trusted_proxies)
        return known

    # the record

    def own_lines(self, exchange: Exchange) -> bytes:
        """What every answer of the proxy's own carries beside its grant."""
        return b"".join((self.date_line, b"x-request-id: ", exchange.request_id, b"\r\n"))

    def end(self, exchange: Exchange) -> None:
        exchange.ended = monotonic()
        self.recorder.end(exchange)

    # the coarse clock: one timer for all connections

    def _clock(self) -> None:
        now = monotonic()
        self.date_line = b"Date: %b\r\n" % formatdate(usegmt=True).encode("ascii")
        for client in self._server.connections:
            if cast(ClientConnection, client).deadline <= now:
                try:
                    cast(ClientConnection, client).tick(now)
                except Exception as error:  # a bug in one connection must not stop the clock of all
                    self.recorder.failure(error)
        idle = self.policy.server.timeouts.upstream_keep_alive
        for pool in self._pools.values():
            pool.sweep(now, idle)
        for pool in self._old_pools:
            pool.close_idle()  # first: what became idle since the last time would be forgotten with its pool
        self._old_pools = [pool for pool in self._old_pools if pool.busy]
        self._timer = self.loop.call_later(self._pause, self._clock)


def _shown(name: Any, scheme: str) -> str:
    """A listener's address for the log."""
    if isinstance(name, tuple):
        host, port = name[0], name[1]
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
    return f"unix:{name}"
