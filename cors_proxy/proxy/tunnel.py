"""A WebSocket after its handshake: bytes both ways with back-pressure, and nothing looked at but the lengths of frames.

Those are followed in what the upstream sends, so that a drain can put its own Close frame between two of them (RFC 6455 5.2, 7.4.1)."""

import base64
import hashlib
from time import monotonic
from typing import TYPE_CHECKING, Final

from ..cors.reason import Reason
from .recorder import Exchange
from .request_head import RequestHead
from .response_head import ResponseHead
from .tcp import Progress

if TYPE_CHECKING:
    from .client import ClientConnection
    from .upstream import UpstreamConnection

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_GOING_AWAY: Final = b"\x88\x02\x03\xe9"  # Close, two bytes: 1001
_LAST_WORDS: Final = (
    0.4  # seconds in which an upstream has to take something of what is left for it once the client is gone
)


def is_handshake(method: bytes, head: RequestHead) -> bool:
    """Whether a request is a plain WebSocket handshake (RFC 6455 4.2.1); anything else is carried without its Upgrade."""
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
    """The two connections of an open WebSocket; either side's end is passed on, a half-close as a half-close."""

    def __init__(
        self,
        client: "ClientConnection",
        upstream: "UpstreamConnection",
        exchange: Exchange,
        idle_seconds: float,
        stall_seconds: float,
    ) -> None:
        """`idle_seconds` without a byte either way, or `stall_seconds` in which the upstream takes nothing of what waits for
        it, end the tunnel."""
        self._client, self._upstream, self._exchange = client, upstream, exchange
        self._idle, self._stall = idle_seconds, stall_seconds
        self._frames = FrameLengths()
        self._mark = monotonic()
        self._client_done = self._upstream_done = self._over = False
        self._progress = Progress()  # of the upstream
        upstream.passage, upstream.tunnel = None, self

    def from_client(self, data: bytes) -> None:
        if not self._over:
            self._mark = monotonic()
            self._exchange.received += len(data)
            self._upstream.transport.write_now(data)
            if self._upstream.transport.blocked:
                self._client.transport.pause()

    def from_upstream(self, data: bytes) -> None:
        if not self._over:
            self._mark = monotonic()
            self._exchange.sent += len(data)
            self._frames.feed(data)
            self._client.write(data)

    def client_finished(self) -> bool:
        """The client's FIN; true keeps its connection open for what the upstream still sends."""
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
            # Bytes wait for the upstream.  Whether the client is still there is seen by asking the kernel, and not even so
            # where its FIN is behind bytes that nobody reads.
            stalled = self._progress.stalled(self._upstream.transport, now)
            left = self._client_done or client.has_left
            if stalled >= (_LAST_WORDS if left else self._stall):
                self._upstream.abort()
                self.close()
                return
        if now - self._mark >= self._idle:
            self.close()

    def going_away(self) -> None:
        """The drain begins: 1001 where the upstream's stream stands between two frames, else just the end."""
        if self._frames.between and not self._upstream_done and not self._over:
            self._client.write(_GOING_AWAY)
        self.close()

    def close(self) -> None:
        """Ends both sides; what is written still goes out."""
        self._end(None)

    def _end(self, fault: Reason | None) -> None:
        if self._over:
            return
        self._over = True
        self._upstream.finish(_LAST_WORDS)
        self._exchange.fault = fault
        self._client.edge.end(self._exchange)
        self._client.tunnel_over()
