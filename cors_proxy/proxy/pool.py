"""The connections to one upstream: bounded, and reused the one used last first.

The address is chosen first, and then its idle connection: so reuse does not defeat the balance.
Assignment is synchronous: an idle connection costs no task and no future.  Only a connection that
has to be made does."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from errno import ECONNRESET
from time import monotonic
from typing import Final, cast

from ..cors.reason import Reason
from ..policy.model import Upstream
from .address import Address
from .addresses import Addresses
from .connect import UpstreamTls, open_connection, words
from .outbox import Outbox
from .recorder import Recorder
from .resolver import Resolver
from .response_sink import ResponseSink
from .upstream import ConnectionOwner, UpstreamConnection

_LEAST: Final = 0.25  # seconds that an address is given where others are left
_SHOWN: Final = 4  # failed addresses of one request that its log line names


class ConnectError(Exception):
    """No address of the upstream took a connection."""


class PoolRequest(ResponseSink):
    """An exchange that asks a pool for a connection, to send its request over it."""

    __slots__ = ("deadline", "tried")

    def __init__(self) -> None:
        self.deadline = 0.0  # when it has to be connected, whatever is tried until then
        # Addresses that failed: each is tried once at most for one request.
        self.tried: list[Address] | None = None

    @property
    def waits(self) -> bool:
        """It still wants a connection: it may have given up meanwhile."""
        raise NotImplementedError

    def connected(self, connection: UpstreamConnection) -> None:
        """The connection is this exchange's, until `Pool.release` or its end."""
        raise NotImplementedError

    def unreachable(self, reason: Reason, status: int, detail: str) -> None:
        """There is no connection."""
        raise NotImplementedError

    def failed_at(self, address: Address) -> None:
        """It is not tried again for this request."""
        if self.tried is None:
            self.tried = []
        self.tried.append(address)


class Pool(ConnectionOwner):
    """`limit` bounds the connections that are busy, idle or being made, together; tunnels stand
    beside it."""

    def __init__(
        self,
        upstream: Upstream,
        tls: UpstreamTls | None,
        outbox: Outbox,
        resolver: Resolver,
        recorder: Recorder,
    ) -> None:
        self._tls, self._outbox, self._recorder = tls, outbox, recorder
        self.name = str(upstream)
        self.several = len(upstream.endpoints) > 1  # each with a Host of its own
        # The policy's, which a reload may change.
        self.limit = 1
        self.keep_alive = self.age = 0.0  # seconds; an age of 0 is no limit
        self.addresses = Addresses(upstream, resolver)
        self._period = resolver.period
        self._look_up_at = 0.0  # when the names are resolved again
        self._looking_up = False  # in the background
        self._resolved = True  # the last look-up found all names
        self._all: set[UpstreamConnection] = set()
        self._tunnels: set[UpstreamConnection] = set()
        self._connecting = 0
        self._waiting: deque[PoolRequest] = deque()
        self._tasks: set[asyncio.Task[object]] = set()

    # assignment

    def choose(self, now: float, tried: list[Address] | None) -> Address | None:
        """The address for a request; None if none is known."""
        only = self.addresses.only
        return only if only is not None else self.addresses.choose(now, tried)

    def idle(self, address: Address, now: float) -> UpstreamConnection | None:
        """The idle connection of an address that was used last: it is no longer idle."""
        idle = address.idle
        while idle:
            connection = cast(UpstreamConnection, idle.pop())
            # Checked here too, because the clock that closes it is coarse.
            if now < connection.idle_until and connection.alive():
                return connection
            self.drop(connection)
        return None

    def acquire(self, request: PoolRequest, address: Address | None) -> None:
        """Asks for a connection that has carried nothing yet, or for the next that becomes free.
        Later `request.connected` is called, or `request.unreachable`."""
        # An idle one gives its place, where only a fresh one will do.
        if len(self._all) + self._connecting >= self.limit:
            self._drop_oldest()
        if len(self._all) + self._connecting < self.limit:
            self._open(request, address, tunnel=False)
        else:
            self._waiting.append(request)

    def acquire_tunnel(self, request: PoolRequest, address: Address | None) -> None:
        """Asks for a connection of its own, which takes no place."""
        self._open(request, address, tunnel=True)

    def waits_for_place(self, request: PoolRequest) -> bool:
        """Whether all places are taken, and none was free for this request yet."""
        return request in self._waiting

    def give_up(self, request: PoolRequest) -> None:
        """The request waits no longer."""
        if request in self._waiting:
            self._waiting.remove(request)

    def has_other(self, request: PoolRequest) -> bool:
        """Whether the request may go to an address where it has not failed."""
        return len(self.addresses.all) > 1 and self.addresses.untried(request.tried) > 0

    def release(self, connection: UpstreamConnection, now: float) -> None:
        """Takes back a connection whose exchange is over, and which may carry another."""
        if connection in self._tunnels or len(self._all) > self.limit:
            connection.abort()
            return
        connection.release()
        # The upstream began to count when the response left it, and counts until a request arrives.
        until = now + self.keep_alive - min(connection.round_trip, self.keep_alive / 2)
        hint = connection.keep_alive
        if hint >= 0:
            # A second less: the next request must not meet the upstream's own end on the way.
            until = min(until, now + hint - 1)
        if self.age:
            until = min(until, connection.since + self.age)
        address = connection.address
        if until <= now or address.gone:
            self.drop(connection)
        elif self._waiting:
            self._serve_next(connection, now)
        else:
            connection.idle_until = until
            address.idle.append(connection)

    def _serve_next(self, connection: UpstreamConnection, now: float) -> None:
        """Gives the connection to the request that waits longest, or that request a connection to
        an address with less load.

        Otherwise an address that is new, or back, would get nothing while requests wait."""
        request = self._waiting.popleft()
        if self.addresses.only is None:
            other = self.addresses.choose(now, request.tried)
            if other is not None and other.load + 1 < connection.address.load:
                self.drop(connection)
                self._open(request, other, tunnel=False)
                return
        request.connected(connection)

    def _drop_oldest(self) -> None:
        oldest: UpstreamConnection | None = None
        for address in self.addresses.all:
            if address.idle:
                connection = cast(UpstreamConnection, address.idle[0])
                if oldest is None or connection.idle_until < oldest.idle_until:
                    oldest = connection
        if oldest is not None:
            oldest.address.idle.remove(oldest)
            self.drop(oldest)

    # the end of connections

    def _forget(self, connection: UpstreamConnection) -> None:
        address = connection.address
        if connection in self._all or connection in self._tunnels:
            self._all.discard(connection)
            self._tunnels.discard(connection)
            address.open -= 1
        if connection in address.idle:
            address.idle.remove(connection)

    def drop(self, connection: UpstreamConnection) -> None:
        self._forget(connection)
        connection.abort()

    def lost(self, connection: UpstreamConnection) -> None:
        self._forget(connection)
        self._serve_waiting()

    def _serve_waiting(self) -> None:
        while self._waiting and len(self._all) + self._connecting < self.limit:
            self._open(self._waiting.popleft(), None, tunnel=False)

    def tick(self, now: float) -> None:
        """Called by the coarse clock: closes what has been idle too long, and resolves names."""
        for address in self.addresses.all:
            expired = [c for c in address.idle if cast(UpstreamConnection, c).idle_until <= now]
            for connection in expired:
                self.drop(cast(UpstreamConnection, connection))

        for connection in list(self._tunnels):
            if connection.deadline and now >= connection.deadline:
                connection.abort()
        if now >= self._look_up_at and self.addresses.may_move and not self._looking_up:
            self._look_up_at = now + self._period
            self._run(self._look_up_again())

    def close_idle(self) -> None:
        for address in self.addresses.all:
            self._close_idle_of(address)

    def _close_idle_of(self, address: Address) -> None:
        while address.idle:
            self.drop(cast(UpstreamConnection, address.idle.pop()))

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for connection in [*self._all, *self._tunnels]:
            connection.abort()

    @property
    def busy(self) -> bool:
        idle = sum(len(address.idle) for address in self.addresses.all)
        return bool(self._connecting or self._waiting or self._tunnels or len(self._all) > idle)

    # names

    async def _look_up_again(self) -> None:
        self._looking_up = True
        try:
            await self._look_up()
        finally:
            self._looking_up = False

    async def _look_up(self) -> str:
        """Brings the addresses up to date; why a name could not be resolved, else ""."""
        gone, fault = await self.addresses.look_up()
        for address in gone:
            # Streams and tunnels on it are left to end.
            self._close_idle_of(address)
        if fault and self._resolved:
            kept = "; its last known addresses stay" if self.addresses.all else ""
            self._recorder.upstream_fault(self.name, "", fault + kept)
        self._resolved = not fault
        return fault

    # connecting

    def _run(self, work: Coroutine[object, object, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _open(self, request: PoolRequest, address: Address | None, tunnel: bool) -> None:
        self._connecting += not tunnel
        self._run(self._connect(request, address, tunnel))

    async def _connect(self, request: PoolRequest, address: Address | None, tunnel: bool) -> None:
        failures: list[str] = []
        reason = Reason.UPSTREAM_UNREACHABLE
        connection: UpstreamConnection | None = None
        try:
            connection = await self._try_addresses(request, address, failures)
        except TimeoutError:
            reason = Reason.UPSTREAM_TIMEOUT
        except ConnectError:
            pass
        finally:
            self._connecting -= not tunnel
        if connection is not None:
            (self._tunnels if tunnel else self._all).add(connection)
            connection.address.open += 1
            if request.waits:
                request.connected(connection)
            elif tunnel:
                connection.abort()
            else:
                self.release(connection, monotonic())
            return
        if request.waits:
            detail = "; ".join(failures[-_SHOWN:])
            request.unreachable(reason, 504 if reason is Reason.UPSTREAM_TIMEOUT else 502, detail)
        self._serve_waiting()

    async def _try_addresses(
        self, request: PoolRequest, address: Address | None, failures: list[str]
    ) -> UpstreamConnection:
        """A connection to the first address that takes one, each in its share of the time.

        Where none does, the names are resolved once more: the upstream may have moved.  Raises
        ConnectError, or TimeoutError where the last attempt took too long."""
        looked_up = False
        late = False
        while request.waits:
            now = monotonic()
            if address is None:
                address = self.addresses.choose(now, request.tried)
            if address is None:
                if looked_up or not self.addresses.may_move or now >= request.deadline:
                    break
                looked_up = True
                late = await self._look_up_for(request, failures) or late
                continue
            left = self.addresses.untried(request.tried)
            seconds = max(0.001, request.deadline - now)
            if left > 1:
                seconds = min(seconds, max(_LEAST, seconds / left))
            address.begin(now)
            try:
                async with asyncio.timeout(seconds):
                    connection = await open_connection(address, self._tls, self._factory(address))
                if connection.ended:
                    raise ConnectionResetError(ECONNRESET, "")
            except (OSError, ValueError) as error:
                late = isinstance(error, TimeoutError) and not error.errno
                said = f"no connection within {seconds:.3g} s" if late else words(error)
                failures.append(f"{address.name}: {said}")
                if late and seconds < _LEAST:
                    # Its time went by while it waited for a place, and tells nothing of the address.
                    address.given_up()
                    request.failed_at(address)
                else:
                    self._failed(request, address, now, failures[-1])
                address = None
                continue
            except BaseException:  # cancelled
                address.given_up()
                raise
            address.connected()
            return connection
        if late:
            raise TimeoutError
        raise ConnectError

    def _factory(self, address: Address) -> Callable[[], UpstreamConnection]:
        return lambda: UpstreamConnection(self._outbox, self, address)

    def _failed(self, request: PoolRequest, address: Address, begun: float, detail: str) -> None:
        request.failed_at(address)
        was_up = address.failed(begun, monotonic())
        self._look_up_at = 0.0  # soon
        if len(self.addresses.all) > 1:
            self._close_idle_of(address)
            if was_up:
                self._recorder.upstream_fault(self.name, address.name, detail)

    async def _look_up_for(self, request: PoolRequest, failures: list[str]) -> bool:
        """Resolves the names within the request's time.  Whether that ran out."""
        try:
            async with asyncio.timeout(max(0.001, request.deadline - monotonic())):
                fault = await self._look_up()
        except TimeoutError:
            if not failures:
                failures.append("the names were not resolved in time")
                return True
            return False
        if fault:
            failures.append(fault)
        return False
