"""The connections to one upstream: bounded, the one used last goes out first, idle ones expire.

Assignment is synchronous: an idle connection costs no task and no future.  Only a connection that has to be made does."""

import asyncio
import ssl
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

from ..cors.reason import Reason
from ..policy.model import Upstream
from .connect import Addresses, open_connection
from .outbox import Outbox
from .upstream import UpstreamConnection

if TYPE_CHECKING:
    from .proxy_exchange import ProxyExchange


class Pool:
    """`limit` bounds busy, idle and nascent connections together; tunnels stand beside it."""

    def __init__(
        self, upstream: Upstream, context: ssl.SSLContext | None, server_name: str | None, outbox: Outbox
    ) -> None:
        self.upstream, self.context, self.server_name, self.outbox = upstream, context, server_name, outbox
        self.name = str(upstream)
        self.limit = 1
        self._idle: list[UpstreamConnection] = []
        self._all: set[UpstreamConnection] = set()
        self._tunnels: set[UpstreamConnection] = set()
        self._nascent = 0
        self._waiting: deque[ProxyExchange] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._addresses = Addresses(upstream)

    def idle(self) -> UpstreamConnection | None:
        """The idle connection that was used last: it is no longer idle."""
        while self._idle:
            connection = self._idle.pop()
            if connection.alive():
                return connection
            self.drop(connection)
        return None

    def acquire(self, passage: "ProxyExchange") -> None:
        """One that has carried nothing yet, or the next that becomes free: `passage.connected(connection)` is called later, or
        `passage.unreachable(reason, status)`."""
        # The place of an idle one is taken, where only a fresh one will do.
        if len(self._all) + self._nascent >= self.limit and self._idle:
            self.drop(self._idle.pop(0))
        if len(self._all) + self._nascent < self.limit:
            self._open(passage, tunnel=False)
        else:
            self._waiting.append(passage)

    def acquire_tunnel(self, passage: "ProxyExchange") -> None:
        """A connection of its own, which takes no place."""
        self._open(passage, tunnel=True)

    def give_up(self, passage: "ProxyExchange") -> None:
        """The passage waits no longer."""
        if passage in self._waiting:
            self._waiting.remove(passage)

    def release(self, connection: UpstreamConnection, now: float) -> None:
        """A connection whose exchange is over, and which may carry another."""
        if connection in self._tunnels or len(self._all) > self.limit:
            connection.abort()
            return
        connection.release()
        if not connection.silent():
            self.drop(connection)
        elif self._waiting:
            self._waiting.popleft().connected(connection)
        else:
            connection.idle_since = now
            self._idle.append(connection)

    def drop(self, connection: UpstreamConnection) -> None:
        """A connection that is good for nothing."""
        self._all.discard(connection)
        connection.abort()

    def lost(self, connection: UpstreamConnection) -> None:
        self._tunnels.discard(connection)
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        while self._waiting and len(self._all) + self._nascent < self.limit:
            self._open(self._waiting.popleft(), tunnel=False)

    def sweep(self, now: float, idle_seconds: float) -> None:
        """Closes what has been idle too long; the list is in the order of release."""
        while self._idle and now - self._idle[0].idle_since >= idle_seconds:
            self._idle.pop(0).abort()

        for connection in list(self._tunnels):
            if connection.deadline and now >= connection.deadline:
                connection.abort()

    def close_idle(self) -> None:
        while self._idle:
            self._idle.pop().abort()

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for connection in [*self._all, *self._tunnels]:
            connection.abort()

    @property
    def busy(self) -> bool:
        return bool(self._nascent or self._waiting or self._tunnels or len(self._all) > len(self._idle))

    def _open(self, passage: "ProxyExchange", tunnel: bool) -> None:
        self._nascent += not tunnel
        task = asyncio.get_running_loop().create_task(self._connect(passage, tunnel))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, passage: "ProxyExchange", tunnel: bool) -> None:
        reason = Reason.UPSTREAM_UNREACHABLE
        connection = None
        try:
            async with asyncio.timeout(passage.bounds.connect):
                connection = await open_connection(self, self._addresses, passage.bounds.connect)
        except TimeoutError:
            reason = Reason.UPSTREAM_TIMEOUT
        except (OSError, ssl.SSLError, ssl.CertificateError):
            pass
        finally:
            self._nascent -= not tunnel
        if connection is not None and not connection.ended:
            (self._tunnels if tunnel else self._all).add(connection)
            if passage.waits:
                passage.connected(connection)
            elif tunnel:
                connection.abort()
            else:
                self.release(connection, monotonic())
            return
        if passage.waits:
            passage.unreachable(reason, 504 if reason is Reason.UPSTREAM_TIMEOUT else 502)
        if self._waiting and len(self._all) + self._nascent < self.limit:
            self._open(self._waiting.popleft(), tunnel=False)
