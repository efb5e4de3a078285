"""One client connection: bytes in, requests in their order, answers out.

Requests are read by llhttp as they come and judged one after the other; what a later one says never touches an earlier one.
No request is begun for a client that does not take what was written for it."""

import asyncio
import ssl
from time import monotonic
from typing import TYPE_CHECKING, Final

from ..cors.reason import Reason
from . import answers
from .bounds import Bounds
from .journey import handle
from .rate import Pace
from .recorder import Exchange
from .request_head import HeadError
from .request_reader import Message, RequestReader
from .tcp import Progress, left
from .tls_state import TlsState
from .transport import Transport
from .waiting_room import Waiting

if TYPE_CHECKING:
    from .edge import Edge
    from .proxy_exchange import ProxyExchange
    from .tunnel import Tunnel

_LINGER_BYTES: Final = 32 << 20
_LINGER_SECONDS: Final = 6.0
_LINGER_WHOLE: Final = (
    1.0  # seconds, where the client's last request was whole: there is nothing to wait for but its end
)
_LOOK: Final = 1.0  # seconds until an idle connection is looked at: its client may not take what was written
_FOREVER: Final = float("inf")


class ClientConnection(asyncio.Protocol):
    """Made by `edge.Server.__call__`.  At most one request is under way; those behind it wait, and reading stops."""

    def __init__(self, edge: "Edge") -> None:
        self.edge = edge
        self.transport: Transport
        self.peer = ""
        self.scheme = "http"
        self.closing = False  # after the answer under way
        self.ended = False
        self.deadline = _FOREVER  # when the coarse clock has to look; 0 at each of its ticks
        self.tunnel: Tunnel | None = None
        self.bounds: Bounds = edge.bounds[-1]  # of the request that was judged last
        self.admitted = True
        self._descriptor = -1
        self._waiting: Waiting | None = None
        self._reader = RequestReader(edge)
        self._current: Message | None = None
        self._passage: ProxyExchange | None = None
        self._exchange: Exchange | None = None
        self._held = False
        self._advancing = False
        self._lingering = False
        self._linger_seconds = self._linger_until = 0.0
        self._rest_until = 0.0  # when a connection between two requests is closed
        self._left = _LINGER_BYTES
        self._body_mark = 0.0
        self._pace: Pace | None = None
        self._slowed = False  # reading was paused since the clock looked last
        self._progress = Progress()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = Transport(self.edge.outbox, transport)
        self._descriptor = transport.get_extra_info("socket").fileno()
        name = transport.get_extra_info("peername")
        self.peer = name[0] if isinstance(name, tuple) else ""
        context = self.edge.context
        if context is not None:
            self.scheme = "https"
            self.transport.tls = TlsState(context, None)
        self.edge.arrived(self)

    def wait(self, until: float) -> None:
        """There is no place for it yet."""
        self.admitted = False
        self.deadline = until
        self._waiting = Waiting(self, self.transport)

    def admit(self) -> None:
        waiting, self._waiting = self._waiting, None
        self.admitted = True
        self.begin()
        if waiting is not None:
            early = waiting.over()
            if early:
                self.data_received(early)

    def begin(self) -> None:
        if self.transport.tls is None:
            self._rest()
        else:
            # A handshake is a part of the first request's head, as to time.
            self.deadline = monotonic() + self.edge.policy.server.timeouts.request_header

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self._abandon(Reason.CLIENT_GONE)
        if self.tunnel is not None:
            self.tunnel.client_lost()
        self._reader.stop()
        self.transport.tls = (
            None  # its memory is OpenSSL's: the collector of cycles does not see how much it frees
        )
        self.edge.left(self, exc)

    def eof_received(self) -> bool:
        if self._lingering:
            return False
        if self.tunnel is not None:
            return self.tunnel.client_finished()
        # A client that has said its last word is taken for one that left: half-closing clients are unknown among browsers.
        self._abandon(Reason.CLIENT_GONE)
        self.transport.close()
        return False

    def _abandon(self, reason: Reason) -> None:
        passage, self._passage = self._passage, None
        if passage is not None:
            passage.client_gone(reason)
            self._end_exchange()
        self._current = None
        self._reader.stop()

    def pause_writing(self) -> None:
        self.transport.blocked = True
        if self.tunnel is not None:
            self.tunnel.client_blocked()
        elif self._passage is not None:
            self._passage.client_blocked()
        elif self._current is None and not self._lingering:
            self.deadline = 0.0
        self._throttle()

    def resume_writing(self) -> None:
        self.transport.blocked = False
        if self.tunnel is not None:
            self.tunnel.client_writable()
        elif self._passage is not None:
            self._passage.client_writable()
        elif self._current is None and not self._lingering:
            self._rest()
            self._advance()
        self._throttle()

    def data_received(self, data: bytes) -> None:
        if self._lingering:
            self._left -= len(data)
            if self._left < 0:
                self.transport.abort()
        elif self.transport.tls is None:
            self._received(data)
        else:
            self._decrypt(self.transport.tls, data)

    def _decrypt(self, tls: TlsState, data: bytes) -> None:
        established = tls.established
        try:
            plain = tls.receive(data)
        except (ssl.SSLError, ValueError):
            # What it asks for is not to be had, or its records are broken: it is told by an alert.
            self.transport.send_records()
            self.transport.close()
            return
        self.transport.send_records()
        if tls.established and not established:
            self._rest()
        if plain:
            self._received(plain)
        if tls.peer_closed and not self.ended and not self.eof_received():
            self.transport.close()

    def _received(self, data: bytes) -> None:
        if self.tunnel is not None:
            self.tunnel.from_client(data)
            return
        intake, current = self._reader, self._current
        if intake.deaf:
            self._overhear(data)
            return
        incoming, begun = intake.incoming, intake.begun
        intake.read(data)
        if current is None:
            self._advance()
            if intake.begun and intake.begun != begun and self._current is None:
                self.deadline = self._rest_until = (
                    intake.begun + self.edge.policy.server.timeouts.request_header
                )
        elif current is incoming:
            self._body_mark = monotonic()
            if self._passage is not None:
                self._passage.request_body()
        self._throttle()

    def _overhear(self, data: bytes) -> None:
        """Bytes behind a handshake wait for its answer; all others are dropped."""
        current = self._current
        if current is not None and current.rest is not None:
            current.rest += data
            self._throttle()

    # the order of requests

    def _advance(self) -> None:
        """Judges the next request if none is under way, and the client takes what was written."""
        if self._advancing:
            return
        self._advancing = True
        intake = self._reader
        try:
            while (
                self._current is None
                and not self.transport.blocked
                and not self._lingering
                and not self.ended
            ):
                if not intake.queue and not intake.more():
                    break
                following = intake.queue.popleft()
                if isinstance(following, HeadError):
                    self._refuse_head(following)
                    return
                self._current = following
                self.deadline = 0.0
                self._body_mark = monotonic()
                handle(self.edge, self, following)
        except Exception as error:  # nothing that a client sends may raise to the top: this is a bug, and it ends this connection alone
            self.edge.recorder.failure(error)
            self._abandon(Reason.INTERNAL_ERROR)
            self.transport.abort()
        finally:
            self._advancing = False

    def _refuse_head(self, bad: HeadError) -> None:
        self.edge.recorder.malformed(self.peer, bad)
        bodiless = bad.method == b"HEAD"
        self.write(answers.problem(bad.status, bad.reason, self.edge.date_line, True, bodiless=bodiless)[0])
        self._linger()

    def carry(self, passage: "ProxyExchange", exchange: Exchange) -> None:
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
        if (
            message.head.close
            or self.edge.draining
            or message.rest is not None
            or message.broken is not None
            or not message.complete
        ):
            self.closing = True
        return self.closing

    def finished(self, passage: "ProxyExchange") -> None:
        """The passage has brought the whole answer."""
        if self._passage is passage:
            self._passage = None
            self._done()

    def answer_fault(self, passage: "ProxyExchange", status: int, reason: Reason) -> None:
        """The passage failed before an answer had begun."""
        message, exchange = self._current, self._exchange
        if self._passage is not passage or message is None or exchange is None:
            return
        self._passage = None
        exchange.status = status
        own = passage.grant_lines() + self.edge.own_lines(exchange)
        self.write(
            answers.problem(status, reason, own, self.closes(message), bodiless=message.method == b"HEAD")[0]
        )
        self._done()

    def cut(self, passage: "ProxyExchange") -> None:
        """The answer broke off: visibly."""
        if self._passage is passage:
            self._passage = None
            self._end_exchange()
            self._current = None
            self._reader.stop()
            self.transport.reset()

    def _done(self) -> None:
        self._end_exchange()
        message, self._current = self._current, None
        self._held = False
        if self.closing and message is not None:
            whole = message.complete and message.rest is None and message.broken is None
            self._linger(_LINGER_WHOLE if whole else _LINGER_SECONDS)
            return
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
        if self.transport.blocked:
            self.deadline = 0.0  # the clock looks whether it takes what was written
        elif self._reader.begun:
            self.deadline = self._rest_until = now + self.edge.policy.server.timeouts.request_header
        else:
            self._rest_until = now + self.edge.keep_alive
            self.deadline = min(self._rest_until, now + _LOOK)

    def _linger(self, seconds: float = _LINGER_SECONDS) -> None:
        """The last answer is written: half-close, and read a bounded rest so that no reset overtakes it (RFC 9112 9.6)."""
        self._lingering = True
        self._reader.stop()
        self._current = None
        self._held = False
        self.deadline = 0.0
        self._linger_seconds = seconds
        self._linger_until = monotonic() + seconds
        self.transport.half_close()
        self._throttle()

    def tunnel_over(self) -> None:
        """The tunnel has written its last byte to the client."""
        self.tunnel = None
        if not self.ended:
            self._linger(_LINGER_WHOLE)

    def become_tunnel(self, tunnel: "Tunnel") -> None:
        """The handshake is over: the connection is the tunnel's."""
        message, self._current = self._current, None
        self.tunnel, self._passage, self._exchange = tunnel, None, None
        self.deadline = 0.0
        self.transport.resume()
        if self.transport.blocked:
            tunnel.client_blocked()
        if message is not None and message.rest:
            tunnel.from_client(message.rest)
        if self.edge.draining:
            tunnel.going_away()

    # writing, and the pace of reading

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def writelines(self, parts: list[bytes]) -> None:
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        self.transport.write(data)

    def hold(self, held: bool) -> None:
        """The passage takes no more of the body for now."""
        self._held = held
        self._throttle()

    def _throttle(self) -> None:
        if self._lingering:
            self.transport.resume()
            return
        if self.tunnel is not None:
            return
        current, intake = self._current, self._reader
        if (
            intake.backlog
            or self._held
            or (current is None and self.transport.blocked)
            or (intake.deaf and current is not None and bool(current.rest))
        ):
            self._slowed = True
            self.transport.pause()
        elif self.transport.paused:
            self._body_mark = monotonic()
            self.transport.resume()

    # time

    def tick(self, now: float) -> None:
        """Called by the coarse clock when `deadline` has come."""
        transport = self.transport
        if not self.admitted or (transport.tls is not None and not transport.tls.established):
            transport.abort()
            return
        if self._progress.stalled(transport, now) >= self.bounds.write_idle:
            self._abandon(Reason.CLIENT_STALLED)
            transport.abort()
            return
        if self.tunnel is not None:
            self.tunnel.tick(now)
        elif self._lingering:
            if transport.unsent:
                self._linger_until = now + self._linger_seconds  # it still takes the last answer
            elif now >= self._linger_until:
                transport.abort()
        elif self._current is not None:
            self._tick_request(self._current, now)
        elif not transport.closing and not transport.blocked:
            if now < self._rest_until:
                self.deadline = 0.0 if transport.unsent else self._rest_until
            elif self._reader.begun:
                self._refuse_head(self._reader.late())
            else:
                transport.close()

    def _tick_request(self, message: Message, now: float) -> None:
        passage = self._passage
        if passage is None:
            return
        if self.transport.paused and self.has_left:
            self._abandon(Reason.CLIENT_GONE)
            self.transport.abort()
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
            passage.tick(now, self.transport.blocked, held)

    @property
    def has_left(self) -> bool:
        """The client has ended its side, or all: seen although nothing is read."""
        return not self.transport.closing and left(self._descriptor)

    def _too_slow(self, message: Message, now: float) -> bool:
        """Whether an upload that has its place at the upstream is slower than `minimum_rate`."""
        slowed, self._slowed = self._slowed, False
        pace, bounds, exchange = self._pace, self.bounds, self._exchange
        if pace is None:
            if not bounds.minimum_rate or exchange is None:
                return False
            pace = self._pace = Pace(
                bounds.minimum_rate, bounds.body_idle, message.head.length, exchange.upstream_started
            )
        return pace.slow(message.received, now, not slowed)

    # what `web.Server` asks of a connection

    def close(self) -> None:
        """The drain begins: the answer under way is the last one."""
        if self.tunnel is not None:
            self.tunnel.going_away()
        elif self._current is None and not self._reader.backlog and not self._lingering:
            self._reader.stop()
            self.transport.close()
        else:
            self.closing = True

    async def shutdown(self, timeout: float | None = 0) -> None:  # noqa: ASYNC109 - web.Server's own signature
        """The drain's time is over."""
        self._abandon(Reason.CLIENT_GONE)
        self.transport.abort()
