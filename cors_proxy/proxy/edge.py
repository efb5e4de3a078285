"""The edge: the listeners for traffic and for asks, the coarse clock, the swap of the policy, the
drain."""

import asyncio
import resource
import socket
from email.utils import formatdate
from time import monotonic
from typing import Final

from ..policy.model import Decide, Policy, Upstream
from . import tls
from .address import Address
from .ask import AskConnection, AskContext
from .bounds import bounds_by_route
from .client import ClientConnection
from .connect import UpstreamTls
from .context import Context
from .listener import Listener
from .outbox import Outbox
from .pool import Pool
from .recorder import Recorder
from .resolver import Resolver
from .waiting_room import Arrival

# Descriptors that are not for connections: listeners, the admin listener, logs.
_FILES_KEPT: Final = 48


class Prepared:
    """A policy with all that is read from files for it: to put it in force cannot fail any more."""

    def __init__(self, policy: Policy) -> None:
        """Raises OSError or ssl.SSLError."""
        self.policy = policy
        self.certificate = None if policy.server.tls is None else tls.edge_context(policy.server.tls)
        secure = any(forwarding.upstream.tls for forwarding in policy.forwarding)
        self.upstream = tls.upstream_context(policy.server.upstream_tls) if secure else None


def _kind(decide: Decide) -> type[Arrival]:
    if decide.dialect == "grpc":
        # Imported here: the packages of the extra `grpc` may not be installed.
        from .grpc_connection import GrpcConnection

        return GrpcConnection
    return AskConnection


class Edge(Listener):
    """One process's data path.  It is the listener for traffic, and has the one for asks."""

    def __init__(self, policy: Policy, recorder: Recorder, resolver: Resolver | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        outbox = Outbox(self._loop, recorder.failure)
        super().__init__(Context(policy, recorder, outbox), ClientConnection)
        self.asks: Listener | None = None
        if policy.decide is not None:
            self.asks = Listener(AskContext(policy, recorder, outbox), _kind(policy.decide))
        self._resolver = Resolver() if resolver is None else resolver
        self._pools: dict[Upstream, Pool] = {}
        self._old_pools: list[Pool] = []
        self._timer: asyncio.TimerHandle | None = None
        self._pause = 0.5  # seconds between two ticks of the clock
        self.commit(Prepared(policy))

    @property
    def policy(self) -> Policy:
        """The one in force."""
        return self.context.policy

    # life

    async def start(
        self, sockets: list[socket.socket] | None = None, asks: list[socket.socket] | None = None
    ) -> None:
        """Listens, on sockets where they are handed in.  Raises OSError where it cannot."""
        if self.policy.forwards:
            await self.listen(self.policy.listen, sockets)
        if self.asks is not None and self.policy.decide is not None:
            await self.asks.listen(self.policy.decide.listen, asks)
        self._clock()

    def swap(self, policy: Policy) -> None:
        """Another policy from the next request on; what is under way keeps its own.
        Raises OSError or ssl.SSLError, and then changes nothing."""
        self.commit(Prepared(policy))

    def commit(self, prepared: Prepared) -> None:
        """Puts a policy in force.  Cannot fail."""
        policy, settings = prepared.policy, prepared.policy.server.upstream_tls
        # Without a listener for traffic nothing is forwarded.
        upstreams = {each.upstream for each in policy.forwarding} if policy.forwards else set()
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
        pools = [self._pools[each.upstream] for each in policy.forwarding] if upstreams else []
        bounds = bounds_by_route(policy)
        self.context.update(policy, pools, bounds, prepared.certificate)
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        # Each client's connection may need one to an upstream.
        shares = 2 if self.asks is None else 3
        self.limit = min(policy.server.limits.connections, max(8, (files - _FILES_KEPT) // shares))
        if self.asks is not None:
            self.asks.context.update(policy, [], bounds, None)
            self.asks.limit = self.limit
        timeouts = policy.server.timeouts
        of_connections = (timeouts.request_header, timeouts.keep_alive)
        shortest = min(5.0, *of_connections, *(each.shortest() for each in bounds))
        self._pause = max(0.02, min(0.5, shortest / 10))

    def announce(self) -> None:
        """A drain is near: responses are the last ones of their connections from now on."""
        for listener in self._listeners():
            listener.context.draining = True

    async def drain(self) -> None:
        """Stops accepting, and finishes what is under way with `Connection: close`, up to
        `drain.timeout`."""
        self.announce()
        for listener in self._listeners():
            await listener.stop()
        try:
            async with asyncio.timeout(self.policy.server.drain_timeout):
                for listener in self._listeners():
                    await listener.emptied()
        except TimeoutError:
            pass

    async def close(self) -> None:
        """Ends everything at once."""
        if self._timer is not None:
            self._timer.cancel()
        for listener in self._listeners():
            await listener.end()
        for pool in [*self._pools.values(), *self._old_pools]:
            pool.close()
        self._resolver.close()

    def addresses(self) -> dict[str, list[Address]]:
        """The addresses in force, by the upstream's name."""
        found: dict[str, list[Address]] = {}
        for pool in self._pools.values():
            found.setdefault(pool.name, []).extend(pool.addresses.all)
        return found

    def _listeners(self) -> list[Listener]:
        return [self] if self.asks is None else [self, self.asks]

    # the coarse clock: one timer for all connections

    def _clock(self) -> None:
        now = monotonic()
        date_line = b"Date: %b\r\n" % formatdate(usegmt=True).encode("ascii")
        for listener in self._listeners():
            listener.context.date_line = date_line
            listener.tick(now)
        for pool in self._pools.values():
            pool.tick(now)
        for pool in self._old_pools:
            # First: what became idle since the last time would be forgotten with its pool.
            pool.close_idle()
        self._old_pools = [pool for pool in self._old_pools if pool.busy]
        self._timer = self._loop.call_later(self._pause, self._clock)
