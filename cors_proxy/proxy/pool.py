"""The connections to one upstream: bounded, the one used last goes out first, idle ones expire.

Assignment is synchronous: an idle connection costs no task and no future.  Only a connection that
has to be made does."""

import asyncio
import ssl
from collections import deque
from time import monotonic

from ..cors.reason import Reason
from ..policy.model import Upstream
from .connect import Addresses, UpstreamTls, open_connection
from .outbox import Outbox
from .response_sink import ResponseSink
from .upstream import ConnectionOwner, UpstreamConnection


class PoolRequest(ResponseSink):
    """An exchange that asks a pool for a connection, to send its request over it."""

    __slots__ = ()

    @property
    def waits(self) -> bool:
        """It still wants a connection: it may have given up meanwhile."""
        raise NotImplementedError

    @property
    def connect_seconds(self) -> float:
        """How long a connection may take to be made."""
        raise NotImplementedError

    def connected(self, connection: UpstreamConnection) -> None:
        """The connection is this exchange's, until `Pool.release` or its end."""
        raise NotImplementedError

    def unreachable(self, reason: Reason, status: int) -> None:
        """There is no connection."""
        raise NotImplementedError


class Pool(ConnectionOwner):
    """`limit` bounds the connections that are busy, idle or being made, together; tunnels stand
    beside it."""

    def __init__(self, upstream: Upstream, tls: UpstreamTls | None, outbox: Outbox) -> None:
        self._tls, self._outbox = tls, outbox
        self.name = str(upstream)
        self.limit = 1
        self._idle: list[UpstreamConnection] = []
        self._all: set[UpstreamConnection] = set()
        self._tunnels: set[UpstreamConnection] = set()
        self._connecting = 0
        self._waiting: deque[PoolRequest] = deque()
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

    def acquire(self, request: PoolRequest) -> None:
        """Asks for a connection that has carried nothing yet, or for the next that becomes free.
        Later `request.connected` is called, or `request.unreachable`."""
        # An idle one gives its place, where only a fresh one will do.
        if len(self._all) + self._connecting >= self.limit and self._idle:
            self.drop(self._idle.pop(0))
        if len(self._all) + self._connecting < self.limit:
            self._open(request, tunnel=False)
        else:
            self._waiting.append(request)

    def acquire_tunnel(self, request: PoolRequest) -> None:
        """Asks for a connection of its own, which takes no place."""
        self._open(request, tunnel=True)

    def give_up(self, request: PoolRequest) -> None:
        """The request waits no longer."""
        if request in self._waiting:
            self._waiting.remove(request)

    def release(self, connection: UpstreamConnection, now: float) -> None:
        """Takes back a connection whose exchange is over, and which may carry another."""
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
        self._all.discard(connection)
        connection.abort()

    def lost(self, connection: UpstreamConnection) -> None:
        self._tunnels.discard(connection)
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        while self._waiting and len(self._all) + self._connecting < self.limit:
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
        return bool(self._connecting or self._waiting or self._tunnels or len(self._all) > len(self._idle))

    def _open(self, request: PoolRequest, tunnel: bool) -> None:
        self._connecting += not tunnel
        task = asyncio.get_running_loop().create_task(self._connect(request, tunnel))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _connection(self) -> UpstreamConnection:
        return UpstreamConnection(self._outbox, self)

    async def _connect(self, request: PoolRequest, tunnel: bool) -> None:
        reason = Reason.UPSTREAM_UNREACHABLE
        connection = None
        try:
            seconds = request.connect_seconds
            async with asyncio.timeout(seconds):
                connection = await open_connection(self._addresses, self._tls, seconds, self._connection)
        except TimeoutError:
            reason = Reason.UPSTREAM_TIMEOUT
        except (OSError, ssl.SSLError, ssl.CertificateError):
            pass
        finally:
            self._connecting -= not tunnel
        if connection is not None and not connection.ended:
            (self._tunnels if tunnel else self._all).add(connection)
            if request.waits:
                request.connected(connection)
            elif tunnel:
                connection.abort()
            else:
                self.release(connection, monotonic())
            return
        if request.waits:
            request.unreachable(reason, 504 if reason is Reason.UPSTREAM_TIMEOUT else 502)
        if self._waiting and len(self._all) + self._connecting < self.limit:
            self._open(self._waiting.popleft(), tunnel=False)
