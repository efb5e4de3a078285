"""A WebSocket after its handshake: bytes both ways with back-pressure.  Nothing is read of them but
the lengths of frames.

Those are followed in what the upstream sends, so that a drain can put its own Close frame between
two of them (RFC 6455 5.2, 7.4.1)."""

import base64
import hashlib
from time import monotonic
from typing import Final

from ..cors.reason import Reason
from .end import End
from .recorder import Exchange
from .request_head import RequestHead
from .response_head import ResponseHead
from .tcp import Progress

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 1.3
_GOING_AWAY: Final = b"\x88\x02\x03\xe9"  # a Close frame of two bytes: 1001
# Seconds in which an upstream has to take something of what is left for it, once the client is
# gone.
LAST_WORDS: Final = 0.4


def is_handshake(method: bytes, head: RequestHead) -> bool:
    """Whether a request is a plain WebSocket handshake (RFC 6455 4.2.1).  Every other one is
    forwarded without its Upgrade."""
    return (
        head.upgrade == b"websocket"
        and head.connection_upgrade
        and method == b"GET"
        and not head.http10
        and bool(head.socket_key)
        and head.socket_version is not None
    )


def accepts(head: ResponseHead, key: bytes) -> bool:
    """Whether a 101 answers the handshake with this key (RFC 6455 4.1)."""
    expected = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
    return head.upgrade == b"websocket" and head.accept == expected and not head.chunked and head.length <= 0


class FrameLengths:
    """Follows a stream of frames by their lengths alone."""

    __slots__ = ("_header", "_left")

    def __init__(self) -> None:
        self._header = b""
        self._left = 0

    @property
    def between(self) -> bool:
        return not self._left and not self._header

    def feed(self, data: bytes) -> None:
        at, end = 0, len(data)
        while at < end:
            if self._left:
                step = min(self._left, end - at)
                self._left -= step
                at += step
                continue
            self._header += data[at : at + 1]
            at += 1
            if len(self._header) < 2:
                continue
            short, masked = self._header[1] & 0x7F, self._header[1] >> 7
            extra = {126: 2, 127: 8}.get(short, 0)
            if len(self._header) < 2 + extra:
                continue
            self._left = (int.from_bytes(self._header[2:], "big") if extra else short) + 4 * masked
            self._header = b""


class Tunnel:
    """The two ends of an open WebSocket.  The end of either side is passed on, a half-close as a
    half-close."""

    __slots__ = (
        "_client", "_client_done", "_frames", "_idle", "_mark", "_over", "_progress", "_record", "_stall",
        "_upstream", "_upstream_done",
    )  # fmt: skip

    def __init__(
        self, client: End, upstream: End, record: Exchange, idle_seconds: float, stall_seconds: float
    ) -> None:
        """The tunnel ends after `idle_seconds` without a byte either way, or after `stall_seconds`
        in which the upstream takes nothing of what waits for it."""
        self._client, self._upstream, self._record = client, upstream, record
        self._idle, self._stall = idle_seconds, stall_seconds
        self._frames = FrameLengths()
        self._mark = monotonic()
        self._client_done = self._upstream_done = self._over = False
        self._progress = Progress()  # of the upstream

    def from_client(self, data: bytes) -> None:
        if not self._over:
            self._mark = monotonic()
            self._record.received += len(data)
            self._upstream.transport.write_now(data)
            if self._upstream.transport.blocked:
                self._client.transport.pause()

    def from_upstream(self, data: bytes) -> None:
        if not self._over:
            self._mark = monotonic()
            self._record.sent += len(data)
            self._frames.feed(data)
            self._client.transport.write(data)

    def client_finished(self) -> bool:
        """The client's FIN.  True: its connection stays open for what the upstream still sends."""
        self._client_done = True
        if self._upstream_done or self._over:
            self.close()
            return False
        self._upstream.transport.half_close()
        return True

    def upstream_finished(self) -> bool:
        self._upstream_done = True
        if self._client_done or self._over:
            self.close()
            return False
        self._client.transport.half_close()
        return True

    def client_blocked(self) -> None:
        self._upstream.transport.pause()

    def client_writable(self) -> None:
        self._upstream.transport.resume()

    def upstream_blocked(self) -> None:
        self._client.transport.pause()

    def upstream_writable(self) -> None:
        self._client.transport.resume()

    def client_lost(self) -> None:
        self._end(Reason.CLIENT_GONE if not self._client_done else None)

    def upstream_lost(self) -> None:
        self.close()

    def tick(self, now: float) -> None:
        """Called by the coarse clock."""
        client = self._client
        if self._client_done or client.transport.paused:
            # Bytes wait for the upstream, so nothing is read from the client.  The kernel tells
            # whether it is still there, unless unread bytes stand before its FIN.
            upstream = self._upstream.transport
            stalled = self._progress.stalled(upstream.unsent, upstream.written, now)
            left = self._client_done or client.peer_has_left()
            if stalled >= (LAST_WORDS if left else self._stall):
                self._upstream.abort()
                self.close()
                return
        if now - self._mark >= self._idle:
            self.close()

    def going_away(self) -> None:
        """The drain begins.  Between two of the upstream's frames the client is told so (1001);
        inside one it sees just the end."""
        if self._frames.between and not self._upstream_done and not self._over:
            self._client.transport.write(_GOING_AWAY)
        self.close()

    def close(self) -> None:
        """Ends both sides; what is written still goes out."""
        self._end(None)

    def _end(self, fault: Reason | None) -> None:
        if self._over:
            return
        self._over = True
        self._upstream.tunnel_over()
        self._record.fault = fault
        self._client.tunnel_over()
