"""TLS without a socket: bytes from the peer in, bytes for the peer out (ADR 10).

Both sides of the data path run it themselves, so that a connection is counted and timed from its first byte, and so
that half a record is seen: to a loop's TLS layer such a connection looks silent, and OpenSSL does not tell of it."""

import contextlib
import ssl
from typing import Final

# Bytes that are put through at a time: OpenSSL's buffers grow with them, and never shrink while the connection lives.
_PIECE: Final = 32 << 10
_HEADER: Final = 5  # bytes in front of each record


class TlsState:
    """One end of a connection.  `server_name` is what a client verifies; None on the server's side."""

    __slots__ = ("_header", "_incoming", "_left", "_object", "_outgoing", "established", "peer_closed")

    def __init__(self, context: ssl.SSLContext, server_name: str | None) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(
            self._incoming, self._outgoing, server_side=server_name is None, server_hostname=server_name
        )
        self._header = b""  # of a record that is not whole yet
        self._left = 0  # bytes of a record that are still to come
        self.established = False
        self.peer_closed = False  # its close_notify has come: what was sent is whole

    def start(self) -> None:
        """A client's first flight is there to be sent."""
        self._handshake()

    def receive(self, data: bytes) -> bytes:
        """Plain bytes of the records that are whole.  Raises ssl.SSLError; what `to_send` has then is an alert."""
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
        """Follows the records by their lengths (RFC 8446 5.1): type, version, and two bytes of length."""
        at, end = 0, len(data)
        while at < end:
            if self._left:
                step = min(self._left, end - at)
                self._left -= step
                at += step
            elif not self._header and end - at >= _HEADER:
                self._left = data[at + 3] << 8 | data[at + 4]
                at += _HEADER
            else:
                self._header += data[at : at + 1]
                at += 1
                if len(self._header) == _HEADER:
                    self._left = self._header[3] << 8 | self._header[4]
                    self._header = b""

    @property
    def silent(self) -> bool:
        """No byte waits here, not even of a record that is not whole yet."""
        return not self._left and not self._header and not self._object.pending()

    def encrypt(self, data: bytes) -> bytes:
        """The records of these bytes, behind whatever else is to be sent."""
        if len(data) <= _PIECE:
            self._object.write(data)
            return self._outgoing.read()
        parts = []
        for at in range(0, len(data), _PIECE):
            self._object.write(data[at : at + _PIECE])
            parts.append(self._outgoing.read())
        return b"".join(parts)

    def to_send(self) -> bytes:
        """What the handshake, or an alert, has for the peer."""
        return self._outgoing.read()

    def close(self) -> bytes:
        """The records of a close_notify (RFC 8446 6.1)."""
        # It waits for the peer's own, or there is no session: what is to be sent is there all the same.
        with contextlib.suppress(ssl.SSLError, ValueError):
            self._object.unwrap()
        return self._outgoing.read()
