"""A client's connection arrives: its peer, its TLS, its place.  One that waits for a place is
counted, and holds next to nothing.

uvloop reads the first segment of a connection before it can be told not to, into a buffer of 250
KB.  So a protocol with a buffer of its own stands in for the client's connection until there is a
place."""

import asyncio
from time import monotonic
from typing import Final

from ..cors.reason import Reason
from .client_clock import ClientClock
from .client_end import ClientEnd
from .context import Context
from .proxy_protocol import ProxyHeader, ProxyHeaderError
from .request_head import HeadError
from .tls_state import TlsState
from .transport import Transport

_BYTES: Final = 16


class Admission:
    """Gives connections their places: the edge."""

    def arrived(self, client: "Arrival") -> None:
        """A connection has come: calls its `begin` or `wait`, or ends it."""
        raise NotImplementedError

    def left(self, client: "Arrival", error: Exception | None) -> None:
        """It has ended: its place is free."""
        raise NotImplementedError


class Arrival(ClientEnd):
    """A client's connection, up to its first request."""

    def __init__(self, context: Context, admission: Admission) -> None:
        super().__init__(context.outbox)
        self.peer = ""  # the address at its other end; "" for a Unix socket; or what a PROXY header says
        # A PROXY header that names nobody leaves the load balancer's address, which did not send
        # this request for anybody: it is never taken for one of `trusted_proxies`.
        self.anonymous = False
        self.scheme = "http"
        self.clock = ClientClock()
        self.admitted = True  # it has a place
        self._context, self._admission = context, admission
        self._waiting: Waiting | None = None
        self._proxy_header: ProxyHeader | None = None  # while it is not whole

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        name = transport.get_extra_info("peername")
        self.peer = name[0] if isinstance(name, tuple) else ""
        if self._context.expects_proxy_header(self.peer):
            self._proxy_header = ProxyHeader()
        context = self._context.tls
        if context is not None:
            self.scheme = "https"
            self.transport.tls = TlsState(context, None)
        self._admission.arrived(self)

    def wait(self, until: float) -> None:
        """There is no place for it yet."""
        self.admitted = False
        self.clock.wait(until)
        self._waiting = Waiting(self, self.transport)

    def admit(self) -> None:
        """There is a place for it now."""
        waiting, self._waiting = self._waiting, None
        self.admitted = True
        self.begin()
        if waiting is not None:
            early = waiting.over()
            if early:
                self.data_received(early)

    def begin(self) -> None:
        """It has its place, and reads."""
        if self.unready:
            # As to time, a PROXY header and a handshake are parts of the first request's head.
            self.clock.wait(monotonic() + self._context.request_header)
        else:
            self.ready(monotonic())

    @property
    def unready(self) -> bool:
        """No request may come yet."""
        tls = self.transport.tls
        return self._proxy_header is not None or (tls is not None and not tls.established)

    def after_proxy_header(self, header: ProxyHeader, data: bytes) -> bytes:
        """What these bytes hold of the connection itself.  b"" while the header is not whole, and
        where the connection ends because it is not one."""
        try:
            rest = header.feed(data)
        except ProxyHeaderError as error:
            bad = HeadError(400, Reason.MALFORMED_REQUEST, f"PROXY protocol: {error}")
            self._context.recorder.malformed(self.peer, bad)
            self.transport.abort()
            return b""
        if rest is None:
            return b""
        self._proxy_header = None
        if header.source:
            self.peer = header.source
        else:
            self.anonymous = True
        if self.transport.tls is None:
            self.ready(monotonic())
        return rest

    def tls_established(self) -> None:
        self.ready(monotonic())

    def ready(self, now: float) -> None:
        """A request may come."""
        raise NotImplementedError

    def tick(self, now: float) -> None:
        """Called by the coarse clock when the deadline of `clock` has come."""
        raise NotImplementedError


class Waiting(asyncio.BufferedProtocol):
    """Takes at most a few bytes of the first segment."""

    def __init__(self, connection: asyncio.Protocol, transport: Transport) -> None:
        self._connection, self._transport = connection, transport
        self._buffer = bytearray(_BYTES)
        self._early = b""
        transport.hand_to(self)

    def over(self) -> bytes:
        """There is a place: the client's connection reads again.  Returns what came meanwhile."""
        self._transport.hand_to(self._connection)
        self._transport.resume()
        return self._early

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._early += bytes(self._buffer[:nbytes])
        self._transport.pause()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._connection.connection_lost(exc)
