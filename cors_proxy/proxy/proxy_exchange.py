"""A forwarded request's way: head and body to the upstream, the answer back, each as fast as the slower side takes it.

The answer is passed on whole or visibly broken off, never with a clean-looking end that the upstream did not send."""

from time import monotonic
from typing import TYPE_CHECKING

from ..cors.decision import Decision
from ..cors.difference import difference
from ..cors.reason import Reason
from ..cors.request import Request
from ..cors.site import Route
from . import answers
from .bounds import Bounds
from .forwarding import interim_head, response_head, response_lines
from .pool import Pool
from .recorder import Exchange
from .response_head import ResponseHead
from .tunnel import Tunnel, accepts
from .upstream import UpstreamConnection

if TYPE_CHECKING:
    from .client import ClientConnection
    from .request_reader import Message

_SAFE = (b"GET", b"HEAD", b"OPTIONS")  # RFC 9110 9.2.1, without TRACE
_LARGE = 64 << 10  # bytes of an upload that wait here while the upstream does not take them


class ProxyExchange:
    """One exchange between a client's connection and an upstream's.  `action` is what is done with the request, `grant` its headers."""

    __slots__ = (
        "_chunked", "_client", "_connection", "_deadline", "_exchange", "_grant", "_head", "_mark", "_message", "_out",
        "_pool", "_request_sent", "_responded", "_retried", "_safe", "_socket", "action", "bounds", "expected", "waits",
    )  # fmt: skip

    def __init__(
        self,
        client: "ClientConnection",
        message: "Message",
        exchange: Exchange,
        bounds: Bounds,
        pool: Pool,
        action: Decision,
        socket: bool,
    ) -> None:
        self._client, self._message, self._exchange, self.bounds, self._pool = (
            client,
            message,
            exchange,
            bounds,
            pool,
        )
        self.action, self._grant, self._socket = action, action.grant, socket
        self._connection: UpstreamConnection | None = None
        self.waits = False  # for a connection
        # `report`: what the upstream's own answer is compared with.
        self.expected: tuple[Route, Request, Decision] | None = None
        self._head = b""
        self._out: list[bytes] = []
        self._chunked = False  # the answer goes to the client in chunks of ours
        self._request_sent = self._responded = self._retried = False
        self._safe = message.method in _SAFE and not message.head.has_body
        self._mark = self._deadline = 0.0

    # towards the upstream

    def start(self, head: bytes) -> None:
        """Takes a connection and sends the request."""
        self._head = head
        self._take(fresh=False)

    def _take(self, fresh: bool) -> None:
        connection = None if fresh or self._socket else self._pool.idle()
        if connection is not None:
            self.connected(connection)
            return
        self.waits = True
        self._deadline = monotonic() + self.bounds.connect
        if self._socket:
            self._pool.acquire_tunnel(self)
        else:
            self._pool.acquire(self)

    def connected(self, connection: UpstreamConnection) -> None:
        self.waits = False
        self._connection = connection
        if self._client.transport.blocked:
            connection.transport.pause()
        self._exchange.upstream_started = self._mark = monotonic()
        message, data = self._message, self._head
        if message.complete:
            if message.chunks or message.head.chunked:
                # All in one write.  The chunks are kept: the connection may turn out to be dead.
                data = b"".join((data, *_framed(message), b"0\r\n\r\n" if message.head.chunked else b""))
                self._client.hold(False)
            self._request_sent = True
        elif message.head.expect is not None and not message.received and not message.continued:
            message.continued = True  # once: the connection may turn out to be dead, and another one be taken
            self._client.write(answers.CONTINUE)
        connection.start(self, data, message.method == b"HEAD")

    def begun(self) -> None:
        """The request's first bytes are out."""
        if not self._request_sent:
            self.request_body()

    def again(self) -> None:
        """The connection was dead before a byte of the request was sent."""
        self._connection = None
        self._request_sent = False
        self._take(fresh=False)

    def request_body(self) -> None:
        """Passes on what has come of the request's body."""
        message, connection = self._message, self._connection
        limit = self.bounds.body_bytes
        if limit and message.received > limit:
            self._fail(Reason.BODY_TOO_LARGE, 413)
            return
        if message.broken is not None:
            self._fail(message.broken, message.broken_status)
            return
        if connection is None or connection.ended or not connection.sent:
            self._client.hold(message.waiting >= _LARGE)
            return
        if message.chunks and not connection.transport.blocked:
            chunks = _framed(message)
            message.chunks, message.waiting = [], 0
            self._mark = monotonic()
            connection.transport.write_now(b"".join(chunks))
        if message.complete and not message.chunks and not self._request_sent:
            if message.head.chunked:
                connection.transport.write_now(b"0\r\n\r\n")
            self._request_sent = True
        # Held back while the upstream takes nothing: then the client is not the one to be waited for.
        self._client.hold(connection.transport.blocked or message.waiting >= _LARGE)

    def upstream_writable(self) -> None:
        self._mark = monotonic()
        if not self._request_sent:
            self.request_body()

    # back to the client

    def interim(self, head: ResponseHead) -> None:
        """102 and above, to clients that can read them (RFC 9110 15.2)."""
        if head.status > 101 and not self._message.head.http10 and not self._responded:
            self._out.append(interim_head(head, self._grant, b"\r\n"))
        self._mark = monotonic()

    def response(self, head: ResponseHead) -> None:
        """The final head: rewritten, and framed for this client."""
        exchange, client, message = self._exchange, self._client, self._message
        self._mark = monotonic()
        exchange.upstream_seconds = self._mark - exchange.upstream_started
        exchange.status = head.status
        if self.expected is not None:
            exchange.difference = difference(*self.expected, head.status, response_lines(head))
        self._responded = True
        ends = b""
        bodiless = head.status in (204, 304) or message.method == b"HEAD"
        if not bodiless and head.length < 0:
            if message.head.http10:
                client.closing = True
            else:
                self._chunked = True
                ends = b"Transfer-Encoding: chunked\r\n"
        if not (head.has_request_id or self._grant.hands_off):
            ends = b"%bx-request-id: %b\r\n" % (ends, exchange.request_id)
        if not message.complete:
            # An early answer: the rest of the upload is read and dropped, and is no next request.
            client.closing = True
        self._out.append(response_head(head, self._grant, ends + client.connection_line(message)))

    def body(self, data: bytes) -> None:
        self._exchange.sent += len(data)
        if self._chunked:
            self._out += (b"%x\r\n" % len(data), data, b"\r\n")
        else:
            self._out.append(data)

    def flush(self) -> None:
        """What one segment of the upstream's brought goes out in one write."""
        if self._out:
            out, self._out = self._out, []
            self._mark = monotonic()
            self._client.writelines(out)

    def response_complete(self, reusable: bool) -> None:
        """The whole answer has come."""
        connection, self._connection = self._connection, None
        assert connection is not None
        if self._chunked:
            self._client.write(b"0\r\n\r\n")
        if reusable and self._request_sent and not connection.transport.blocked:
            self._pool.release(connection, monotonic())
        else:
            connection.abort(unfinished=not self._request_sent)
        self._client.finished(self)

    def client_blocked(self) -> None:
        if self._connection is not None and not self._connection.ended:
            self._connection.transport.pause()

    def client_writable(self) -> None:
        self._mark = monotonic()
        if self._connection is not None and not self._connection.ended:
            self._connection.transport.resume()

    # endings

    def client_gone(self, reason: Reason = Reason.CLIENT_GONE) -> None:
        """The client left, or is cut: the upstream learns it at once."""
        self._exchange.fault = reason
        self._drop()

    def _drop(self) -> None:
        if self.waits:
            self.waits = False
            self._pool.give_up(self)
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abort(unfinished=not self._request_sent)

    def unreachable(self, reason: Reason, status: int) -> None:
        """No connection could be had."""
        self.waits = False
        self._fail(reason, status)

    def upstream_invalid(self) -> None:
        """Bytes that are no HTTP answer, or not one to this request."""
        self._fail(Reason.UPSTREAM_INVALID, 502)

    def upstream_ended(self, clean: bool) -> None:
        """The upstream's side is at its end: `clean` by FIN, else reset."""
        connection = self._connection
        if connection is None:
            return
        if self._responded:
            if clean and connection.until_close:
                self.flush()
                self.response_complete(reusable=False)
                return
            self._fail(Reason.UPSTREAM_BROKE_OFF, 502)
            return
        # RFC 9112 9.3.1: once, on a connection that was idle before, for a safe request, before any byte of an answer.
        if connection.used and self._safe and not self._retried and not connection.answering:
            self._retried = True
            self._connection = None
            connection.abort()
            self._take(fresh=True)
            return
        self._fail(Reason.UPSTREAM_BROKE_OFF, 502)

    def _fail(self, reason: Reason, status: int) -> None:
        """An own answer if none has begun, else a visible end."""
        self._drop()
        self._exchange.fault = reason
        if self._responded:
            self.flush()
            self._client.cut(self)
        else:
            self.flush()  # whole interim heads alone
            self._client.answer_fault(self, status, reason)

    def grant_lines(self) -> bytes:
        """The grant and Vary of this exchange, for an answer of the proxy's own."""
        return self._grant.own

    # time

    def backed_up(self) -> bool:
        """Whether some of an unfinished upload lies here because the upstream does not take it: then it is the one to be waited for."""
        connection = self._connection
        if connection is None or connection.ended or self._message.complete:
            return False
        return connection.transport.waiting > 0

    def tick(self, now: float, paused: bool, held: bool) -> None:
        """Called by the coarse clock.  `paused`: the client does not take the answer; `held`: it is not asked for more of its body."""
        bounds = self.bounds
        if self.waits:
            if now >= self._deadline:
                self.waits = False
                self._pool.give_up(self)
                self._fail(Reason.UPSTREAM_BUSY, 503)
            return
        connection = self._connection
        if connection is None:
            return
        if self._responded:
            if paused or not bounds.response_idle:
                self._mark = now
            elif now - self._mark >= bounds.response_idle:
                self._fail(Reason.UPSTREAM_TIMEOUT, 504)
            return
        if connection.taking():
            self._mark = now
        if not self._request_sent and not held:
            # It is the client that is waited for.
            self._mark = now
        elif now - self._mark >= bounds.response:
            self._fail(Reason.UPSTREAM_TIMEOUT, 504)

    # WebSocket

    def switch(self, head: ResponseHead) -> bool:
        """A 101: False where it is not the answer to this request's handshake (RFC 6455 4.1)."""
        message = self._message
        if not self._socket or not accepts(head, message.head.socket_key or b""):
            return False
        connection, client = self._connection, self._client
        assert connection is not None
        self._exchange.status = 101
        self._exchange.upstream_seconds = monotonic() - self._exchange.upstream_started
        self._responded = True
        self.flush()
        client.write(interim_head(head, self._grant, b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"))
        self._connection = None
        client.become_tunnel(
            Tunnel(client, connection, self._exchange, self.bounds.tunnel_idle, self.bounds.write_idle)
        )
        return True


def _framed(message: "Message") -> list[bytes | bytearray]:
    """What has come of a body, as the upstream gets it."""
    if not message.head.chunked:
        return message.chunks
    framed: list[bytes | bytearray] = []
    for chunk in message.chunks:
        framed += (b"%x\r\n" % len(chunk), chunk, b"\r\n")
    return framed
