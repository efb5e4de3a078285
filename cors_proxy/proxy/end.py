"""One end of a path through the proxy: the connection to a client, or to an upstream.

Both ends read TLS in the same way (ADR 10): what comes is decrypted here, and goes on as plain
bytes to `received`.  What the two make of a handshake, of an alert and of an end is theirs."""

import asyncio
import ssl

from .tcp import left
from .tls_state import TlsState
from .transport import Transport, WriteQueue


class End(asyncio.Protocol):
    """The base of both connections, and all that a tunnel knows of them."""

    __slots__ = ("_queue", "descriptor", "transport")

    def __init__(self, queue: WriteQueue) -> None:
        self._queue = queue
        self.transport: Transport
        self.descriptor = -1  # of the socket, to ask the kernel with poll(2)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = Transport(self._queue, transport)
        self.descriptor = transport.get_extra_info("socket").fileno()

    # reading

    def data_received(self, data: bytes) -> None:
        tls = self.transport.tls
        if tls is None:
            self.received(data)
        else:
            self.decrypt(tls, data)

    def decrypt(self, tls: TlsState, data: bytes) -> None:
        """Takes records apart.  Whatever happens, what TLS has to send goes out first: it may be
        the alert that says why."""
        established = tls.established
        try:
            plain = tls.receive(data)
        except (ssl.SSLError, ValueError) as error:  # ValueError: a server name that cannot be one
            self.transport.send_records()
            self.tls_failed(error)
            return
        self.transport.send_records()
        if tls.established and not established:
            self.tls_established()
        if plain:
            self.received(plain)
        elif not tls.silent:
            self.received_part()
        if tls.peer_closed:
            self.tls_closed()

    def received(self, data: bytes) -> None:
        """Plain bytes have come."""
        raise NotImplementedError

    def received_part(self) -> None:
        """A part of a TLS record has come."""

    def tls_established(self) -> None:
        """The handshake is over."""
        raise NotImplementedError

    def tls_failed(self, error: Exception) -> None:
        """The peer asks for what is not offered, or its records are broken."""
        raise NotImplementedError

    def tls_closed(self) -> None:
        """The peer's close_notify has come: what it sent is whole (RFC 8446 6.1)."""
        raise NotImplementedError

    # a tunnel

    def peer_has_left(self) -> bool:
        """Whether the peer has ended its side, or all: seen although nothing is read."""
        return not self.transport.closing and left(self.descriptor)

    def tunnel_over(self) -> None:
        """The tunnel writes nothing more here."""
        raise NotImplementedError

    def abort(self) -> None:
        """Ends the connection now."""
        raise NotImplementedError
