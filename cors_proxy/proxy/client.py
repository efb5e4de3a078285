"""One client connection: bytes in, requests in their order, answers out.

Requests are read by llhttp as they come and judged one after the other; what a later one says never touches an earlier one."""

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from ..cors.reason import Reason
from . import answers
from .bounds import Bounds
from .heads import BadHead
from .intake import Intake, Message
from .journey import travel
from .kernel import Progress, reset
from .rate import Pace
from .recorder import Exchange

if TYPE_CHECKING:
    from .edge import Edge
    from .passage import Passage
    from .tunnel import Tunnel

_LINGER_BYTES: Final = 32 << 20
_LINGER_SECONDS: Final = 6.0
_FOREVER: Final = float("inf")


class ClientConnection(asyncio.Protocol):
    """Made by `edge.Server.__call__`.  At most one request is under way; those behind it wait, and reading stops."""

    def __init__(self, edge: "Edge") -> None:
        self.edge = edge
        self.transport: Any = None
        self.peer = ""
        self.scheme = "http"
        self.closing = False  # after the answer under way
        self.blocked = False  # the client takes nothing at the moment
        self.ended = False
        self.deadline = _FOREVER  # when the coarse clock has to look; 0 at each of its ticks
        self.tunnel: Tunnel | None = None
        self.bounds: Bounds = edge.bounds[-1]  # of the request that was judged last
        self.admitted = True
        self._early = b""
        self._intake = Intake(edge)
        self._current: Message | None = None
        self._passage: Passage | None = None
        self._exchange: Exchange | None = None
        self._held = False
        self._paused = False
        self._advancing = False
        self._lingering = False
        self._left = _LINGER_BYTES
        self._body_mark = 0.0
        self._pace: Pace | None = None
        self._slowed = False  # reading was paused since the clock looked last
        self._written = 0
        self._progress = Progress()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        name = transport.get_extra_info("peername")
        self.peer = name[0] if isinstance(name, tuple) else ""
        if transport.get_extra_info("ssl_object") is not None:
            self.scheme = "https"
        self.edge.arrived(self)

    def wait(self, until: float) -> None:
        """There is no place for it yet."""
        self.admitted = False
        self.deadline = until
        self._intake.deaf = True

    def admit(self) -> None:
        self.admitted = True
        self._intake.deaf = False
        self.begin()
        if self._early:
            self.transport.resume_reading()
            early, self._early = self._early, b""
            self.data_received(early)

    def begin(self) -> None:
        self._rest()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self._abandon(Reason.CLIENT_GONE)
        if self.tunnel is not None:
            self.tunnel.client_lost()
        self._intake.stop()
        self.edge.left(self, exc)

    def eof_received(self) -> bool:
        if self.tunnel is not None:
            return self.tunnel.client_finished()
        self.edge.outbox.flush()  # the transport closes itself now
        # A client that has said its last word is taken for one that left: half-closing clients are unknown among browsers.
        self._abandon(Reason.CLIENT_GONE)
        return False

    def _abandon(self, reason: Reason) -> None:
        passage, self._passage = self._passage, None
        if passage is not None:
            passage.client_gone(reason)
            self._end_exchange()
        self._current = None
        self._intake.deaf = True

    def pause_writing(self) -> None:
        self.blocked = True
        if self.tunnel is not None:
            self.tunnel.client_blocked()
        elif self._passage is not None:
            self._passage.client_blocked()

    def resume_writing(self) -> None:
        self.blocked = False
        if self.tunnel is not None:
            self.tunnel.client_writable()
        elif self._passage is not None:
            self._passage.client_writable()

    def data_received(self, data: bytes) -> None:
        if self.tunnel is not None:
            self.tunnel.from_client(data)
            return
        if self._lingering:
            self._left -= len(data)
            if self._left < 0:
                self.transport.abort()
            return
        intake, current = self._intake, self._current
        if intake.deaf:
            self._overhear(data)
            return
        incoming, begun = intake.incoming, intake.begun
        intake.read(data)
        if current is None:
            self._advance()
            if intake.begun and intake.begun != begun and self._current is None:
                self.deadline = intake.begun + self.edge.policy.server.timeouts.request_header
        elif current is incoming:
            self._body_mark = monotonic()
            if self._passage is not None:
                self._passage.request_body()
        self._throttle()

    def _overhear(self, data: bytes) -> None:
        """Bytes behind a handshake wait for its answer, those of a connection without a place for that; all others are dropped."""
        if not self.admitted:
            # One segment: a transport cannot be paused before it has begun to read.
            self._early += data
            self.transport.pause_reading()
            return
        current = self._current
        if current is not None and current.rest is not None:
            current.rest += data
            self._throttle()

    # the order of requests

    def _advance(self) -> None:
        """Judges the next request if none is under way."""
        if self._advancing:
            return
        self._advancing = True
        try:
            while self._current is None and self._intake.queue and not self._lingering and not self.ended:
                following = self._intake.queue.popleft()
                if isinstance(following, BadHead):
                    self._refuse_head(following)
                    return
                self._current = following
                self.deadline = 0.0
                self._body_mark = monotonic()
                travel(self.edge, self, following)
        except Exception as error:  # nothing that a client sends may raise to the top: this is a bug, and it ends this connection alone
            self.edge.recorder.failure(error)
            self._abandon(Reason.INTERNAL_ERROR)
            self.transport.abort()
        finally:
            self._advancing = False

    def _refuse_head(self, bad: BadHead) -> None:
        self.edge.recorder.malformed(self.peer, bad.reason, bad.status)
        self.write(answers.problem(bad.status, bad.reason, self.edge.date_line, True)[0])
        self._linger()

    def carry(self, passage: "Passage", exchange: Exchange) -> None:
        """The request under way is forwarded; the passage will say when it is over."""
        self._passage, self._exchange = passage, exchange
        self._pace = None

    def answered(self, exchange: Exchange, answer: bytes, size: int) -> None:
        """The request under way is answered by the proxy itself; `size` is that of the body."""
        exchange.sent = size
        self._exchange = exchange
        self.write(answer)
        self._done()

    def connection_line(self, message: Message) -> bytes:
        """The Connection line of an answer, with the empty line behind it."""
        if self.closes(message):
            return b"Connection: close\r\n\r\n"
        return b"Connection: keep-alive\r\n\r\n" if message.head.http10 else b"\r\n"

    def closes(self, message: Message) -> bool:
        """Whether the connection ends with the answer to this request."""
        if message.head.close or self.edge.draining or message.rest is not None or message.broken is not None or not message.complete:
            self.closing = True
        return self.closing

    def finished(self, passage: "Passage") -> None:
        """The passage has brought the whole answer."""
        if self._passage is passage:
            self._passage = None
            self._done()

    def answer_fault(self, passage: "Passage", status: int, reason: Reason) -> None:
        """The passage failed before an answer had begun."""
        message, exchange = self._current, self._exchange
        if self._passage is not passage or message is None or exchange is None:
            return
        self._passage = None
        exchange.status = status
        own = passage.grant_lines() + self.edge.own_lines(exchange)
        self.write(answers.problem(status, reason, own, self.closes(message), bodiless=message.method == b"HEAD")[0])
        self._done()

    def cut(self, passage: "Passage") -> None:
        """The answer broke off: visibly."""
        if self._passage is passage:
            self._passage = None
            self._end_exchange()
            self._current = None
            self._intake.deaf = True
            self.edge.outbox.flush()
            reset(self.transport)

    def _done(self) -> None:
        self._end_exchange()
        message, self._current = self._current, None
        self._held = False
        if self.closing and message is not None:
            if message.complete and message.rest is None and message.broken is None:
                self._intake.stop()
                self.deadline = 0.0
                self.edge.outbox.flush()
                self.transport.close()
            else:
                self._linger()
            return
        if not self._intake.queue:
            self._rest()
        self._advance()
        self._throttle()

    def _end_exchange(self) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            if self._current is not None:
                exchange.received = self._current.received
            self.edge.end(exchange)

    def _rest(self) -> None:
        """Between two requests."""
        now = monotonic()
        if self._intake.begun:
            self.deadline = now + self.edge.policy.server.timeouts.request_header
        else:
            self.deadline = now + self.edge.keep_alive

    def _linger(self) -> None:
        """The last answer is written: half-close, and read a bounded rest so that no reset overtakes it (RFC 9112 9.6)."""
        self._lingering = True
        self._intake.stop()
        self._current = None
        self._held = False
        self.deadline = monotonic() + _LINGER_SECONDS
        self.edge.outbox.flush()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._throttle()

    def become_tunnel(self, tunnel: "Tunnel") -> None:
        """The handshake is over: the connection is the tunnel's."""
        message, self._current = self._current, None
        self.tunnel, self._passage, self._exchange = tunnel, None, None
        self.deadline = 0.0
        self.edge.outbox.flush()
        self._throttle()
        if self.blocked:
            tunnel.client_blocked()
        if message is not None and message.rest:
            tunnel.from_client(message.rest)

    # writing, and the pace of reading

    def write(self, data: bytes) -> None:
        self._written += len(data)
        self.edge.outbox.write(self.transport, data)

    def writelines(self, parts: list[bytes]) -> None:
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        self.write(data)

    def hold(self, held: bool) -> None:
        """The passage takes no more of the body for now."""
        self._held = held
        self._throttle()

    def _throttle(self) -> None:
        paused = (
            not self._lingering
            and self.tunnel is None
            and (bool(self._intake.queue) or self._held or (self._intake.deaf and self._current is not None and bool(self._current.rest)))
        )
        if paused != self._paused and not self.transport.is_closing():
            self._paused = paused
            if paused:
                self._slowed = True
                self.transport.pause_reading()
            else:
                self._body_mark = monotonic()
                self.transport.resume_reading()

    # time

    def tick(self, now: float) -> None:
        """Called by the coarse clock when `deadline` has come."""
        if not self.admitted:
            self.transport.abort()
            return
        writes = self._current is not None or self.transport.is_closing() or self._lingering or self.tunnel is not None
        if writes and self._progress.stalled(self.transport, self._written, now) >= self.bounds.write_idle:
            self._abandon(Reason.CLIENT_STALLED)
            self.transport.abort()
            return
        if self.tunnel is not None:
            self.tunnel.tick(now)
        elif self._lingering:
            if now >= self.deadline:
                self.transport.abort()
        elif self._current is not None:
            self._tick_request(self._current, now)
        elif not self.transport.is_closing():
            if self._intake.begun:
                self._refuse_head(BadHead(408, Reason.REQUEST_TIMEOUT))
            else:
                self.edge.outbox.flush()
                self.transport.close()

    def _tick_request(self, message: Message, now: float) -> None:
        passage = self._passage
        if passage is None:
            return
        held = self._held or passage.backed_up()
        if message.complete or held or passage.waits:
            self._body_mark = now
            self._slowed = True
        elif now - self._body_mark >= self.bounds.body_idle:
            message.broken, message.broken_status = Reason.REQUEST_TIMEOUT, 408
        elif self._too_slow(message, now):
            message.broken, message.broken_status = Reason.BODY_TOO_SLOW, 408
        if message.broken is not None:
            passage.request_body()
        else:
            passage.tick(now, self.blocked, held)

    def _too_slow(self, message: Message, now: float) -> bool:
        """Whether an upload that has its place at the upstream is slower than `minimum_rate`."""
        slowed, self._slowed = self._slowed, False
        pace, bounds, exchange = self._pace, self.bounds, self._exchange
        if pace is None:
            if not bounds.minimum_rate or exchange is None:
                return False
            pace = self._pace = Pace(bounds.minimum_rate, bounds.body_idle, message.head.length, exchange.upstream_started)
        return pace.slow(message.received, now, not slowed)

    # what `web.Server` asks of a connection

    def close(self) -> None:
        """The drain begins: the answer under way is the last one."""
        if self.tunnel is not None:
            self.tunnel.going_away()
        elif self._current is None and not self._intake.queue and not self._lingering:
            self._intake.deaf = True
            self.edge.outbox.flush()
            self.transport.close()
        else:
            self.closing = True

    async def shutdown(self, timeout: float | None = 0) -> None:  # noqa: ASYNC109 - web.Server's own signature
        """The drain's time is over."""
        self._abandon(Reason.CLIENT_GONE)
        if self.transport is not None:
            self.transport.abort()
