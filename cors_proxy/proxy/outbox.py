"""What is written while one turn of the event loop is handled goes out at its end, where the turns
are busy.

A write wakes the reader of a socket: it is cheaper to read all requests that wait, then to write
all answers (ADR 7).  It is also the place to ask the kernel, once for all of them, whether idle
upstream connections are silent."""

import asyncio
import select
from collections.abc import Callable
from typing import Final

from .end import End
from .transport import Transport, WriteQueue

# Writes in a turn from which on they are gathered: the end of a turn costs another look at all
# sockets.
_FEW: Final = 3
_DIRECT: Final = 32  # writes that go out at once before a turn is tried again
_LARGE: Final = 32 << 10  # bytes that are not gathered


class RequestSender(End):
    """A connection that sends a request when the outbox has found that no unsolicited bytes came
    over it."""

    __slots__ = ("used",)

    def __init__(self, queue: WriteQueue) -> None:
        super().__init__(queue)
        self.used = False  # it has carried an exchange: unsolicited bytes may have come since

    @property
    def ended(self) -> bool:
        """Whether nothing goes over it any more."""
        raise NotImplementedError

    def silent(self) -> bool:
        """Whether no byte waits here that the kernel has no longer: not even half a TLS record."""
        raise NotImplementedError

    def send_request(self, data: bytes) -> None:
        """The connection is silent: the request's first bytes go out now."""
        raise NotImplementedError

    def request_refused(self) -> None:
        """The connection is not good for the request, of which nothing was sent."""
        raise NotImplementedError


class Outbox(WriteQueue):
    """One for all connections of a process.  Each transport keeps its own writes in order, and
    writes them before it ends."""

    def __init__(self, loop: asyncio.AbstractEventLoop, failure: Callable[[BaseException], None]) -> None:
        self._loop, self._failure = loop, failure
        self._requests: list[tuple[RequestSender, bytes]] = []
        self._transports: list[Transport] = []
        self._direct = 0  # writes that are still to go out at once
        self._called = self._flushing = False

    def request(self, connection: RequestSender, data: bytes) -> None:
        """Takes the first bytes of a request, for `connection.send_request`; or
        `connection.request_refused` is called, where it is no longer silent."""
        self._requests.append((connection, data))
        self._schedule(len(data))

    def add(self, transport: Transport, size: int) -> None:
        self._transports.append(transport)
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
        if len(self._requests) + len(self._transports) < _FEW:
            self._direct = _DIRECT
        self.flush()

    def flush(self) -> None:
        """Writes what waits, and what is put in meanwhile."""
        if self._flushing:
            return
        self._flushing = True
        try:
            while self._requests or self._transports:
                transports, self._transports = self._transports, []
                for transport in transports:
                    try:
                        transport.flush()
                    except Exception as error:  # a bug: it must not stop what others wait for
                        self._failure(error)
                if self._requests:
                    requests, self._requests = self._requests, []
                    self._send(requests)
        finally:
            self._flushing = False

    def _send(self, requests: list[tuple[RequestSender, bytes]]) -> None:
        # Bytes that are here before the request is sent would be taken for its answer, and go to
        # the next client.
        poll = select.poll()
        for connection, _ in requests:
            # The descriptor of a connection that has ended may be another one's by now.
            if connection.used and not connection.ended:
                poll.register(connection.descriptor, select.POLLIN)
        readable = {descriptor for descriptor, _ in poll.poll(0)}
        for connection, data in requests:
            try:
                if (
                    connection.ended
                    or connection.transport.closing
                    or connection.descriptor in readable
                    or not connection.silent()
                ):
                    connection.request_refused()
                else:
                    connection.send_request(data)
            except Exception as error:  # a bug: it ends this connection, and not what others wait for
                self._failure(error)
                connection.transport.abort()
