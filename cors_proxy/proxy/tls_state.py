"""TLS without a socket: bytes from the peer in, bytes for the peer out (ADR 10).

The proxy runs TLS itself, not in the event loop, for two reasons. A connection is counted and timed
from its first byte. And half a record is noticed: an event loop's TLS layer shows such a connection
as silent."""

import contextlib
import ssl
from typing import Final

# Bytes for OpenSSL at a time: its buffers grow to this size, and never shrink again.
_PIECE: Final = 32 << 10
_RECORD_HEADER: Final = 5  # bytes: type, version and length (RFC 8446 5.1)


class TlsState:
    """One end of a connection.

    A client sends `server_name` (SNI) and verifies it; a server has None."""

    __slots__ = ("_header", "_incoming", "_left", "_object", "_outgoing", "established", "peer_closed")

    def __init__(self, context: ssl.SSLContext, server_name: str | None) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(
            self._incoming, self._outgoing, server_side=server_name is None, server_hostname=server_name
        )
        self._header = b""  # the part of a record's header that has come, until it is whole
        self._left = 0  # bytes of the current record that are still to come
        self.established = False
        # The peer's close_notify came: nothing that it sent was cut off (RFC 8446 6.1).
        self.peer_closed = False

    def start(self) -> None:
        """Makes the ClientHello, for `to_send`."""
        self._handshake()

    def receive(self, data: bytes) -> bytes:
        """Decrypts the records that are whole.

        Raises ssl.SSLError; `to_send` then returns an alert."""
        self._follow(data)
        if len(data) <= _PIECE:
            parts = self._take(data)
        else:
            parts = []
            for at in range(0, len(data), _PIECE):
                parts += self._take(data[at : at + _PIECE])
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _take(self, data: bytes) -> list[bytes]:
        self._incoming.write(data)
        parts: list[bytes] = []
        if not self.established and not self._handshake():
            return parts
        while self._incoming.pending or self._object.pending():
            try:
                part = self._object.read(_PIECE)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:
                part = b""
            if not part:
                self.peer_closed = True
                break
            parts.append(part)
        return parts

    def _handshake(self) -> bool:
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        self.established = True
        return True

    def _follow(self, data: bytes) -> None:
        """Follows records by the lengths in their headers: the last two bytes (RFC 8446 5.1)."""
        at, end = 0, len(data)
        while at < end:
            if self._left:
                step = min(self._left, end - at)
                self._left -= step
                at += step
            elif not self._header and end - at >= _RECORD_HEADER:
                self._left = data[at + 3] << 8 | data[at + 4]
                at += _RECORD_HEADER
            else:
                self._header += data[at : at + 1]
                at += 1
                if len(self._header) == _RECORD_HEADER:
                    self._left = self._header[3] << 8 | self._header[4]
                    self._header = b""

    @property
    def silent(self) -> bool:
        """Whether no byte waits here, not even part of a record."""
        return not self._left and not self._header and not self._object.pending()

    def encrypt(self, data: bytes) -> bytes:
        """The records of these bytes, after all else that is to be sent."""
        if len(data) <= _PIECE:
            self._object.write(data)
            return self._outgoing.read()
        parts = []
        for at in range(0, len(data), _PIECE):
            self._object.write(data[at : at + _PIECE])
            parts.append(self._outgoing.read())
        return b"".join(parts)

    def to_send(self) -> bytes:
        """The bytes of the handshake, or of an alert, for the peer."""
        return self._outgoing.read()

    def close(self) -> bytes:
        """The record of a close_notify (RFC 8446 6.1)."""
        # OpenSSL waits for the peer's close_notify, or has no session: the record is made anyway.
        with contextlib.suppress(ssl.SSLError, ValueError):
            self._object.unwrap()
        return self._outgoing.read()
