"""What is written while one turn of the event loop is handled goes out at its end, where the turns are busy.

A write wakes the reader of a socket: it is cheaper to read all requests that wait, then to write all answers (ADR 7).
It is also the place to ask the kernel, once for all of them, whether idle upstream connections are silent."""

import asyncio
import select
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .transport import Transport
    from .upstream import UpstreamConnection

_FEW: Final = (
    3  # writes in a turn that are worth to be gathered: the end of a turn costs another look at all sockets
)
_DIRECT: Final = 32  # writes that go out at once before a turn is tried again
_LARGE: Final = 32 << 10  # bytes that wait for nobody


class Outbox:
    """One for all connections of a process.  Each transport keeps its own writes in order, and writes them before it ends."""

    def __init__(self, loop: asyncio.AbstractEventLoop, failure: Callable[[BaseException], None]) -> None:
        self._loop, self._failure = loop, failure
        self._heads: list[tuple[UpstreamConnection, bytes]] = []
        self._writers: list[Transport] = []
        self._direct = 0  # writes that are still to go out at once
        self._called = self._flushing = False

    def request(self, connection: "UpstreamConnection", data: bytes) -> None:
        """The first bytes of a request.  `connection.stale` is called instead of `begin` where it is no longer silent."""
        self._heads.append((connection, data))
        self._schedule(len(data))

    def add(self, writer: "Transport", size: int) -> None:
        """A transport has something to write; it is asked to `flush` once."""
        self._writers.append(writer)
        self._schedule(size)

    def _schedule(self, size: int) -> None:
        if self._direct:
            self._direct -= 1
            self.flush()
        elif size > _LARGE:
            self.flush()
        elif not self._called:
            self._called = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._called = False
        if len(self._heads) + len(self._writers) < _FEW:
            self._direct = _DIRECT
        self.flush()

    def flush(self) -> None:
        """Writes what waits, and what is put in meanwhile."""
        if self._flushing:
            return
        self._flushing = True
        try:
            while self._heads or self._writers:
                writers, self._writers = self._writers, []
                for writer in writers:
                    try:
                        writer.flush()
                    except Exception as error:  # a bug: it must not stop what others wait for
                        self._failure(error)
                if self._heads:
                    heads, self._heads = self._heads, []
                    self._send(heads)
        finally:
            self._flushing = False

    def _send(self, heads: "list[tuple[UpstreamConnection, bytes]]") -> None:
        # Bytes that are here before the request is sent would be taken for its answer, and go to the next client.
        poll = select.poll()
        for connection, _ in heads:
            if connection.used and not connection.ended:  # the number of one that has ended may be another's
                poll.register(connection.descriptor, select.POLLIN)
        spoken = {descriptor for descriptor, _ in poll.poll(0)}
        for connection, data in heads:
            try:
                if (
                    connection.ended
                    or connection.transport.closing
                    or connection.descriptor in spoken
                    or not connection.silent()
                ):
                    connection.stale()
                else:
                    connection.begin(data)
            except Exception as error:  # as above
                self._failure(error)
