"""A forwarded request's way: head and body to the upstream, the response back, each as fast as the
slower side takes it.

The response is passed on whole or visibly broken off.  It never gets an end that looks clean and
that the upstream did not send."""

from time import monotonic
from typing import Final

from ..cors.decision import Decision
from ..cors.difference import difference
from ..cors.reason import Reason
from ..cors.request import Request
from ..cors.site import Route
from ..policy.model import Forwarding
from . import answers
from .bounds import Bounds
from .client_end import ClientEnd
from .exchange_phase import (
    AWAITED,
    BODY,
    CLOSED,
    DONE,
    IDLE,
    NAMES,
    NEXT,
    SENDING,
    SENT,
    SWITCHED,
    WAITING,
)
from .forwarding import interim_head, response_head, response_lines, with_host
from .location import rewrite_locations
from .phase import PhaseError, may_follow
from .pool import Pool, PoolRequest
from .recorder import Exchange
from .request_reader import Message
from .response_head import ResponseHead
from .tunnel import Tunnel, accepts
from .upstream import UpstreamConnection

_SAFE: Final = (b"GET", b"HEAD", b"OPTIONS")  # RFC 9110 9.2.1, without TRACE
# Bytes of an upload that are buffered here while the upstream does not take them.
_LARGE: Final = 64 << 10


class ProxyExchange(PoolRequest):
    """One exchange between a client's connection and an upstream's.  The phases of
    its two sides: `exchange_phase`."""

    __slots__ = (
        "_chunked", "_client", "_connection", "_grant", "_head", "_mark", "_message", "_out",
        "_own_host", "_pool", "_retried", "_safe", "_websocket", "action", "bounds", "expected",
        "own_origin", "record", "relocated", "request_phase", "response_phase",
    )  # fmt: skip

    def __init__(
        self,
        message: Message,
        head: bytes,
        record: Exchange,
        bounds: Bounds,
        pool: Pool,
        action: Decision,
        websocket: bool,
        own_host: bytes | None,
    ) -> None:
        """`head`: the request's, as the upstream gets it.  `action`: what is done with the request;
        its grant goes into the response.  `websocket`: it is a handshake.
        `own_host`: the Host in `head`, where it depends on the endpoint."""
        super().__init__()
        self._message, self._head, self.record, self.bounds, self._pool = message, head, record, bounds, pool
        self.action, self._grant, self._websocket = action, action.grant, websocket
        self._own_host = own_host
        # `rewrite_location`: how it was forwarded, and the prefix that was removed from its path.
        self.relocated: tuple[Forwarding, bytes] | None = None
        self.own_origin = False  # the Origin in `head` names `own_host` too
        self._client: ClientEnd
        self._connection: UpstreamConnection | None = None
        self.request_phase: int = IDLE
        self.response_phase: int = AWAITED
        # `report`: what the upstream's own response is compared with.
        self.expected: tuple[Route, Request, Decision] | None = None
        self._out: list[bytes] = []
        self._chunked = False  # the response goes to the client in chunks of ours
        self._retried = False
        self._safe = message.method in _SAFE and not message.head.has_body
        self._mark = 0.0

    def _request(self, phase: int) -> None:
        if not may_follow(NEXT, self.request_phase, phase):
            raise PhaseError(NAMES, self.request_phase, phase)
        self.request_phase = phase

    def _response(self, phase: int) -> None:
        if not may_follow(NEXT, self.response_phase, phase):
            raise PhaseError(NAMES, self.response_phase, phase)
        self.response_phase = phase

    # a connection

    def start(self, client: ClientEnd) -> None:
        """Takes a connection and sends the request."""
        self._client = client
        self._take(self.record.started, fresh=False)

    def _take(self, now: float, fresh: bool) -> None:
        pool = self._pool
        address = pool.choose(now, self.tried)
        if not (fresh or self._websocket or address is None):
            connection = pool.idle(address, now)
            if connection is not None:
                self.connected(connection)
                return
        self._request(WAITING)
        if not self.deadline:
            self.deadline = now + self.bounds.connect
        if self._websocket:
            pool.acquire_tunnel(self, address)
        else:
            pool.acquire(self, address)

    @property
    def waits(self) -> bool:
        return self.request_phase == WAITING

    def connected(self, connection: UpstreamConnection) -> None:
        self._request(SENDING)
        self._connection = connection
        if self._client.transport.blocked:
            connection.transport.pause()
        self.record.upstream_started = self._mark = monotonic()
        connection.address.requests += 1
        message, data = self._message, self._head
        if self._own_host is not None and connection.address.endpoint.authority != self._own_host:
            data = with_host(data, self._own_host, connection.address.endpoint.authority, self.own_origin)
        if message.complete:
            if message.chunks or message.head.chunked:
                # All in one write.  The chunks are kept: the connection may turn out to be dead.
                data = b"".join((data, *message.framed(), b"0\r\n\r\n" if message.head.chunked else b""))
                self._client.hold(False)
            self._request(SENT)
        elif message.head.expect is not None and not message.received and not message.continued:
            # Not before a connection is there: until then the body would only be buffered here.
            # Once: the connection may turn out to be dead, and another one be taken (RFC 9110
            # 10.1.1).
            message.continued = True
            self._client.transport.write(answers.CONTINUE)
        connection.start(self, data, message.method == b"HEAD")

    def unreachable(self, reason: Reason, status: int, detail: str) -> None:
        self._fail(reason, status, detail)

    def request_unsent(self) -> None:
        connection, self._connection = self._connection, None
        assert connection is not None
        if not connection.used:
            # Nothing of it was sent, so it may go elsewhere, whatever its method.
            self.failed_at(connection.address)
            if not self._pool.has_other(self):
                self._connection = connection
                self._fail(Reason.UPSTREAM_BROKE_OFF, 502, "closed the connection before the request")
                return
        self._take(monotonic(), fresh=False)

    # the request

    def request_started(self) -> None:
        if self.request_phase != SENT:
            self.request_body()

    def request_body(self) -> None:
        """Passes on what has come of the request's body."""
        message, connection = self._message, self._connection
        limit = self.bounds.body_bytes
        if limit and message.received > limit:
            self._fail(Reason.BODY_TOO_LARGE, 413)
            return
        if message.body_error is not None:
            self._fail(message.body_error, message.body_error_status)
            return
        if connection is None or not connection.in_exchange:
            self._client.hold(message.buffered >= _LARGE)
            return
        if message.chunks and not connection.transport.blocked:
            chunks = message.framed()
            message.chunks, message.buffered = [], 0
            self._mark = monotonic()
            connection.transport.write_now(b"".join(chunks))
        if message.complete and not message.chunks and self.request_phase != SENT:
            if message.head.chunked:
                connection.transport.write_now(b"0\r\n\r\n")
            self._request(SENT)
        # While the upstream takes nothing the client has to wait, and its clock stands.
        self._client.hold(connection.transport.blocked or message.buffered >= _LARGE)

    def upstream_writable(self) -> None:
        self._mark = monotonic()
        if self.request_phase != SENT:
            self.request_body()

    # the response

    def interim(self, head: ResponseHead) -> None:
        # 100 is the proxy's own to say.  HTTP/1.0 clients cannot read any of them (RFC 9110 15.2).
        if head.status > 101 and not self._message.head.http10 and self.response_phase == AWAITED:
            self._out.append(interim_head(head, self._grant, b"\r\n"))
        self._mark = monotonic()

    def response(self, head: ResponseHead) -> None:
        """The final head: rewritten, and framed for this client."""
        record, client, message = self.record, self._client, self._message
        self._mark = monotonic()
        seconds = record.upstream_seconds = self._mark - record.upstream_started
        connection = self._connection
        if connection is not None and seconds < connection.round_trip:
            connection.round_trip = seconds
        record.status = head.status
        if self.expected is not None:
            record.upstream_lines = response_lines(head)
            record.difference = difference(*self.expected, head.status, record.upstream_lines)
        self._response(BODY)
        if self.relocated is not None:
            head.kept = rewrite_locations(head.kept, *self.relocated, message.head.host)
        ends = b""
        bodiless = head.status in (204, 304) or message.method == b"HEAD"  # RFC 9112 6.3, rule 1
        if not bodiless and head.length < 0:
            if message.head.http10:
                client.closing = True
            else:
                self._chunked = True
                ends = b"Transfer-Encoding: chunked\r\n"
        if not (head.has_request_id or self._grant.hands_off):
            ends = b"%bx-request-id: %b\r\n" % (ends, record.request_id)
        if not message.complete:
            # An early response: the rest of the upload is read and dropped, and is no next request.
            client.closing = True
        self._out.append(response_head(head, self._grant, ends + client.connection_line(message)))

    def body(self, data: bytes) -> None:
        self.record.sent += len(data)
        if self._chunked:
            self._out += (b"%x\r\n" % len(data), data, b"\r\n")
        else:
            self._out.append(data)

    def flush(self) -> None:
        """Writes what one segment of the upstream's brought, at once."""
        out = self._out
        if out:
            self._mark = monotonic()
            data = out[0] if len(out) == 1 else b"".join(out)
            out.clear()
            self._client.transport.write(data)

    def response_complete(self, reusable: bool) -> None:
        connection, self._connection = self._connection, None
        assert connection is not None
        self._response(DONE)
        if self._chunked:
            self._client.transport.write(b"0\r\n\r\n")
        sent = self.request_phase == SENT
        if reusable and sent and not connection.transport.blocked:
            self._pool.release(connection, monotonic())
        else:
            connection.abort(unfinished=not sent)
        self._client.exchange_complete(self)

    def client_blocked(self) -> None:
        """The client takes nothing: the upstream has to wait too."""
        if self._connection is not None and not self._connection.ended:
            self._connection.transport.pause()

    def client_writable(self) -> None:
        """The client takes bytes again."""
        self._mark = monotonic()
        if self._connection is not None and not self._connection.ended:
            self._connection.transport.resume()

    # failures

    def client_gone(self, reason: Reason = Reason.CLIENT_GONE) -> None:
        """The client left, or is cut: the upstream learns it at once."""
        self.record.fault = reason
        self._drop()

    def _drop(self) -> None:
        if self.request_phase == WAITING:
            self._pool.give_up(self)
        unfinished = self.request_phase != SENT
        self._request(CLOSED)
        self._response(CLOSED)
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abort(unfinished)

    def upstream_invalid(self, detail: str) -> None:
        self._fail(Reason.UPSTREAM_INVALID, 502, detail)

    def upstream_ended(self, clean: bool, answered: bool) -> None:
        connection = self._connection
        if connection is None:
            return
        if self.response_phase == AWAITED:
            # RFC 9112 9.3.1: once, for a safe request, before any byte of a response; on a
            # connection that was idle before, or at another address.
            if self._safe and not self._retried and not answered:
                if not connection.used:
                    self.failed_at(connection.address)
                if connection.used or self._pool.has_other(self):
                    self._retried = True
                    self._connection = None
                    self.deadline = 0.0
                    connection.abort()
                    self._take(monotonic(), fresh=True)
                    return
        elif clean and connection.until_close:
            # RFC 9112 6.3, rule 8: a response without a length ends with its connection.  A reset
            # is no such end.
            self.flush()
            self.response_complete(reusable=False)
            return
        how = "closed" if clean else "reset"
        when = "before" if self.response_phase == AWAITED and not answered else "in the middle of"
        self._fail(Reason.UPSTREAM_BROKE_OFF, 502, f"{how} the connection {when} the response")

    def _fail(self, reason: Reason, status: int, detail: str = "") -> None:
        """Gives the exchange up: with an error of the proxy's own if no response has begun, else by
        a visible end.  `detail` is for the log: what the upstream did."""
        responding = self.response_phase != AWAITED
        connection = self._connection
        if detail and connection is not None:
            connection.address.failures += 1
            detail = f"{connection.address.name}: {detail}"
        self.record.detail = detail
        self._drop()
        self.record.fault = reason
        self.flush()  # where no response has begun, these are whole interim heads
        if responding:
            self._client.exchange_truncated(self)
        else:
            self._client.exchange_failed(self, status, reason, self._grant.local_bytes)

    # time

    def backed_up(self) -> bool:
        """Whether some of an unfinished upload is buffered here because the upstream does not take
        it: then the upstream is the one to be waited for."""
        connection = self._connection
        if connection is None or connection.ended or self._message.complete:
            return False
        return connection.transport.buffered > 0

    def tick(self, now: float, blocked: bool, held: bool) -> None:
        """Called by the coarse clock.  `blocked`: the client does not take the response; `held`: it
        is not asked for more of its body."""
        bounds = self.bounds
        if self.request_phase == WAITING:
            # Where a connection is being made, that knows the time too.
            if now >= self.deadline and self._pool.waits_for_place(self):
                detail = f"all {self._pool.limit} connections were in use for {bounds.connect:g} s"
                self._fail(Reason.UPSTREAM_BUSY, 503, detail)
            return
        connection = self._connection
        if connection is None:
            return
        if self.response_phase != AWAITED:
            if blocked or not bounds.response_idle:
                self._mark = now
            elif now - self._mark >= bounds.response_idle:
                detail = f"no byte of the response for {bounds.response_idle:g} s"
                self._fail(Reason.UPSTREAM_TIMEOUT, 504, detail)
            return
        if connection.upstream_takes():
            self._mark = now
        if self.request_phase != SENT and not held:
            # It is the client that is waited for.
            self._mark = now
        elif now - self._mark >= bounds.response:
            self._fail(Reason.UPSTREAM_TIMEOUT, 504, f"no response within {bounds.response:g} s")

    # WebSocket

    def switch(self, head: ResponseHead) -> bool:
        message, connection, client = self._message, self._connection, self._client
        if not self._websocket or not accepts(head, message.head.socket_key or b""):
            return False
        assert connection is not None
        self._response(SWITCHED)
        self.record.status = 101
        self.record.upstream_seconds = monotonic() - self.record.upstream_started
        self.flush()
        client.transport.write(
            interim_head(head, self._grant, b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        )
        self._connection = None
        bounds = self.bounds
        tunnel = Tunnel(client, connection, self.record, bounds.tunnel_idle, bounds.write_idle)
        connection.become_tunnel(tunnel)
        client.become_tunnel(tunnel)
        return True
