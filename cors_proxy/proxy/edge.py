"""The edge: listeners, all client connections and their places, the coarse clock, the swap of the
policy, the drain.

`aiohttp.web.Server` and `ServerRunner` own listeners and the set of connections; the connections
are ours (ADR 0001)."""

import asyncio
import resource
import socket
from collections import deque
from email.utils import formatdate
from time import monotonic
from typing import Any, Final, cast

from aiohttp import web

from ..policy.model import Policy, Upstream
from . import tls
from .address import Address
from .bounds import bounds_by_route
from .client import ClientConnection
from .connect import UpstreamTls
from .context import Context
from .outbox import Outbox
from .pool import Pool
from .recorder import Recorder
from .resolver import Resolver
from .waiting_room import Admission, Arrival

# Descriptors that are not for connections: listeners, the admin listener, logs.
_FILES_KEPT: Final = 48
_BACKLOG: Final = 1024


class Server(web.Server):
    """Makes connections of our own.  What it relies on: `connection_made`, `_connections`,
    `pre_shutdown`, `shutdown`."""

    def __init__(self, edge: "Edge") -> None:
        super().__init__(cast(Any, None))
        self._edge = edge

    def __call__(self) -> Any:
        return ClientConnection(self._edge.context, self._edge)

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


class Edge(Admission):
    """One process's data path."""

    def __init__(self, policy: Policy, recorder: Recorder, resolver: Resolver | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self.context = Context(policy, recorder, Outbox(self._loop, recorder.failure))
        self._resolver = Resolver() if resolver is None else resolver
        self._pools: dict[Upstream, Pool] = {}
        self._old_pools: list[Pool] = []
        self._server = Server(self)
        self._runner = web.ServerRunner(self._server)
        self._waiting: deque[Arrival] = deque()
        self._admitted = 0
        self._timer: asyncio.TimerHandle | None = None
        self._empty = asyncio.Event()
        self._limit = 0
        self._pause = 0.5  # seconds between two ticks of the clock
        self.commit(Prepared(policy))

    @property
    def policy(self) -> Policy:
        """The one in force."""
        return self.context.policy

    # life

    async def start(self, sockets: list[socket.socket] | None = None) -> list[str]:
        """Listens, on `sockets` where they are handed in; the addresses.  Raises OSError where it
        cannot."""
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
        scheme = "https" if self.context.tls else "http"
        return [_shown(name, scheme) for name in self._runner.addresses]

    def swap(self, policy: Policy) -> None:
        """Another policy from the next request on; what is under way keeps its own.
        Raises OSError or ssl.SSLError, and then changes nothing."""
        self.commit(Prepared(policy))

    def commit(self, prepared: Prepared) -> None:
        """Puts a policy in force.  Cannot fail."""
        policy, settings = prepared.policy, prepared.policy.server.upstream_tls
        upstreams = {forwarding.upstream for forwarding in policy.forwarding}
        for upstream in list(self._pools):
            # Its connections over TLS were made with what the policy before said of certificates.
            if upstream not in upstreams or upstream.tls:
                pool = self._pools.pop(upstream)
                pool.close_idle()
                self._old_pools.append(pool)
        for upstream in upstreams:
            if upstream not in self._pools:
                secured = None
                if upstream.tls and prepared.upstream is not None:
                    secured = UpstreamTls(prepared.upstream, settings.server_name)
                self._pools[upstream] = Pool(
                    upstream, secured, self.context.outbox, self._resolver, self.context.recorder
                )
            pool = self._pools[upstream]
            pool.limit = policy.server.limits.upstream_connections
            pool.age = policy.server.limits.upstream_connection_age
            pool.keep_alive = policy.server.timeouts.upstream_keep_alive
        pools = [self._pools[forwarding.upstream] for forwarding in policy.forwarding]
        bounds = bounds_by_route(policy)
        self.context.update(policy, pools, bounds, prepared.certificate)
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        # Each client's connection may need one to an upstream.
        self._limit = min(policy.server.limits.connections, max(8, (files - _FILES_KEPT) // 2))
        timeouts = policy.server.timeouts
        of_connections = (timeouts.request_header, timeouts.keep_alive)
        shortest = min(5.0, *of_connections, *(each.shortest() for each in bounds))
        self._pause = max(0.02, min(0.5, shortest / 10))

    def announce(self) -> None:
        """A drain is near: responses are the last ones of their connections from now on."""
        self.context.draining = True

    async def drain(self) -> None:
        """Stops accepting, and finishes what is under way with `Connection: close`, up to
        `drain.timeout`."""
        self.announce()
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
        self._resolver.close()

    def addresses(self) -> dict[str, list[Address]]:
        """The addresses in force, by the upstream's name."""
        found: dict[str, list[Address]] = {}
        for pool in self._pools.values():
            found.setdefault(pool.name, []).extend(pool.addresses.all)
        return found

    # connections

    def arrived(self, client: Arrival) -> None:
        """Serves a new connection, or lets it wait for a place, or ends it where too many wait."""
        self._server.connection_made(cast(Any, client), cast(Any, client.transport))
        self.context.recorder.connections(1)
        if self._admitted < self._limit:
            self._admitted += 1
            client.begin()
        elif len(self._waiting) < self._limit and not self.context.draining:
            self._waiting.append(client)
            client.wait(monotonic() + self.policy.server.timeouts.connect)
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
        while self._waiting and self._admitted < self._limit:
            self._admitted += 1
            self._waiting.popleft().admit()
        if not self._admitted:
            self._empty.set()

    # the coarse clock: one timer for all connections

    def _clock(self) -> None:
        now = monotonic()
        self.context.date_line = b"Date: %b\r\n" % formatdate(usegmt=True).encode("ascii")
        for client in self._server.connections:
            connection = cast(ClientConnection, client)
            if connection.clock.deadline <= now:
                try:
                    connection.tick(now)
                except Exception as error:  # a bug in one connection must not stop the clock of all
                    self.context.recorder.failure(error)
        for pool in self._pools.values():
            pool.tick(now)
        for pool in self._old_pools:
            # First: what became idle since the last time would be forgotten with its pool.
            pool.close_idle()
        self._old_pools = [pool for pool in self._old_pools if pool.busy]
        self._timer = self._loop.call_later(self._pause, self._clock)


def _shown(name: Any, scheme: str) -> str:
    """A listener's address for the log."""
    if isinstance(name, tuple):
        host, port = name[0], name[1]
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
    return f"unix:{name}"
