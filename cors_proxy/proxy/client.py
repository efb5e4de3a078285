"""One client connection: bytes in, requests in their order, responses out.

Requests are read by llhttp as they come and judged one after the other; what a later one says never
touches an earlier one.  No request is started for a client that does not take what was written for
it."""

from time import monotonic
from typing import Final

from ..cors.reason import Reason
from . import answers
from .bounds import Bounds
from .client_clock import OVER, STALLED
from .client_phase import CLOSED, EXCHANGE, IDLE, LINGERING, NAMES, NEXT, READING_HEAD, TUNNEL
from .context import Context
from .journey import Reply, handle
from .phase import PhaseError, may_follow
from .proxy_exchange import ProxyExchange
from .recorder import Exchange
from .request_head import HeadError
from .request_reader import Message, RequestReader
from .response_sink import ResponseSink
from .tunnel import Tunnel
from .waiting_room import Admission, Arrival

_LINGER_BYTES: Final = 32 << 20
_LINGER_SECONDS: Final = 6.0
# Seconds, where the client's last request was whole: there is nothing to wait for but its end.
_LINGER_WHOLE: Final = 1.0


class ClientConnection(Arrival):
    """At most one request is under way.  Those after it wait, and reading stops.  Its phases:
    `client_phase`."""

    def __init__(self, context: Context, admission: Admission) -> None:
        super().__init__(context, admission)
        self.phase: int = IDLE
        self.closing = False
        self.tunnel: Tunnel | None = None
        self.bounds: Bounds = context.bounds[-1]  # of the request that was judged last
        self._reader = RequestReader(context.head_limits)
        self._message: Message | None = None  # the request under way
        self._exchange: ProxyExchange | None = None  # where it is forwarded
        self._record: Exchange | None = None
        self._held = False  # the exchange takes no more of the body for now
        self._advancing = False
        self._linger_left = _LINGER_BYTES

    def _enter(self, phase: int) -> None:
        if not may_follow(NEXT, self.phase, phase):
            self.transport.abort()
            raise PhaseError(NAMES, self.phase, phase)
        self.phase = phase

    # the end

    def connection_lost(self, exc: Exception | None) -> None:
        self._give_up(Reason.CLIENT_GONE)
        if self.tunnel is not None:
            self.tunnel.client_lost()
        # OpenSSL's memory: the collector of cycles does not see how much it frees.
        self.transport.tls = None
        self._admission.left(self, exc)

    def eof_received(self) -> bool:
        if self.phase == LINGERING:
            return False
        if self.tunnel is not None:
            return self.tunnel.client_finished()
        # A client that has ended its side is taken for one that left: browsers never half-close.
        self._give_up(Reason.CLIENT_GONE)
        self.transport.close()
        return False

    def abort(self) -> None:
        self._abort(Reason.CLIENT_GONE)

    def _abort(self, reason: Reason) -> None:
        self._give_up(reason)
        self.transport.abort()

    def _give_up(self, reason: Reason) -> None:
        """The connection ends, and the upstream of a request under way is told."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.client_gone(reason)
            self._end_record()
        self._stop()

    def _stop(self) -> None:
        """Nothing is read or started any more."""
        self._enter(CLOSED)
        self._message = None
        self._reader.stop()

    def _linger(self, seconds: float = _LINGER_SECONDS) -> None:
        """The last response is written: half-closes, and reads what still comes, within bounds, so
        that no reset overtakes the response (RFC 9112 9.6)."""
        self._enter(LINGERING)
        self._reader.stop()
        self._message = None
        self._held = False
        self.clock.linger(monotonic(), seconds)
        self.transport.half_close()
        self._throttle()

    # reading

    def data_received(self, data: bytes) -> None:
        if self.phase == LINGERING:
            self._linger_left -= len(data)
            if self._linger_left < 0:
                self.abort()
            return
        if self._proxy_header is not None:
            data = self.after_proxy_header(self._proxy_header, data)
            if not data:
                return
        tls = self.transport.tls
        if tls is None:
            self.received(data)
        else:
            self.decrypt(tls, data)

    def tls_failed(self, error: Exception) -> None:
        self.transport.close()  # after the alert

    def tls_closed(self) -> None:
        if self.phase != CLOSED and not self.eof_received():
            self.transport.close()

    def received(self, data: bytes) -> None:
        if self.tunnel is not None:
            self.tunnel.from_client(data)
            return
        reader, message = self._reader, self._message
        if reader.stopped:
            if message is not None and message.upgrade_data is not None:
                # Frames wait for the response to their handshake.  All else that comes now is
                # dropped.
                message.upgrade_data += data
                self._throttle()
            return
        incoming, head_started = reader.incoming, reader.head_started
        reader.read(data)
        if message is None:
            self._advance()
            if reader.head_started and reader.head_started != head_started and self._awaits_request:
                self._enter(READING_HEAD)
                self.clock.reading_head(reader.head_started + self._context.request_header, False)
        elif message is incoming:
            self.clock.upload.moved(monotonic())
            if self._exchange is not None:
                self._exchange.request_body()
        self._throttle()

    def hold(self, held: bool) -> None:
        self._held = held
        self._throttle()

    def _throttle(self) -> None:
        """Reads from the client only what can be used."""
        if self.phase == LINGERING:
            self.transport.resume()
            return
        if self.tunnel is not None:
            return
        message, reader = self._message, self._reader
        if (
            reader.backlog
            or self._held
            or (message is None and self.transport.blocked)
            or (reader.stopped and message is not None and bool(message.upgrade_data))
        ):
            self.clock.upload.held_back()
            self.transport.pause()
        elif self.transport.paused:
            self.clock.upload.moved(monotonic())
            self.transport.resume()

    def pause_writing(self) -> None:
        self.transport.blocked = True
        if self.tunnel is not None:
            self.tunnel.client_blocked()
        elif self._exchange is not None:
            self._exchange.client_blocked()
        elif self._message is None and self.phase != LINGERING:
            self.clock.watch()
        self._throttle()

    def resume_writing(self) -> None:
        self.transport.blocked = False
        if self.tunnel is not None:
            self.tunnel.client_writable()
        elif self._exchange is not None:
            self._exchange.client_writable()
        elif self._awaits_request:
            self.ready(monotonic())
            self._advance()
        self._throttle()

    # the order of requests

    @property
    def _awaits_request(self) -> bool:
        return self.phase == IDLE or self.phase == READING_HEAD

    def _advance(self) -> None:
        """Starts the next request if none is under way, and the client takes what was written."""
        if self._advancing:
            return
        self._advancing = True
        reader = self._reader
        try:
            while self._awaits_request and not self.transport.blocked:
                if not reader.queue and not reader.more():
                    if reader.head_started:
                        self._enter(READING_HEAD)
                    break
                following = reader.queue.popleft()
                if isinstance(following, HeadError):
                    self._refuse_head(following)
                    return
                self._start(following)
        except Exception as error:
            # Nothing that a client sends may raise up to here.  This is a bug, and ends this
            # connection alone.
            self._context.recorder.failure(error)
            self._abort(Reason.INTERNAL_ERROR)
        finally:
            self._advancing = False

    def _start(self, message: Message) -> None:
        self._enter(EXCHANGE)
        self._message = message
        self.clock.watch()
        outcome = self._handle(message)
        self.bounds, record = outcome.bounds, outcome.record
        self._record = record
        self.clock.upload.start(record.started)
        if isinstance(outcome, Reply):
            record.sent = outcome.size
            self.closing = outcome.close
            self.transport.write(outcome.data)
            self._done()
        else:
            self._exchange = outcome
            outcome.start(self)

    def _handle(self, message: Message) -> Reply | ProxyExchange:
        """What happens to a request whose head is whole."""
        return handle(self._context, self.peer, self.anonymous, self.scheme, message, self._last(message))

    def _refuse_head(self, bad: HeadError) -> None:
        """Answers bytes that are not a request."""
        self._context.recorder.malformed(self.peer, bad)
        self.transport.write(self._problem(bad))
        self._linger()

    def _problem(self, bad: HeadError) -> bytes:
        """The response to them."""
        bodiless = bad.method == b"HEAD"
        own = self._context.date_line
        return answers.problem(bad.status, bad.reason, own, True, bodiless=bodiless)[0]

    def _last(self, message: Message) -> bool:
        """Whether the connection ends with the response to this request."""
        return self.closing or self._context.draining or message.last

    def connection_line(self, message: Message) -> bytes:
        if self._last(message):
            self.closing = True
            return b"Connection: close\r\n\r\n"
        return b"Connection: keep-alive\r\n\r\n" if message.head.http10 else b"\r\n"

    def exchange_complete(self, exchange: ResponseSink) -> None:
        if self._exchange is exchange:
            self._exchange = None
            self._done()

    def exchange_failed(self, exchange: ResponseSink, status: int, reason: Reason, grant: bytes) -> None:
        message, record = self._message, self._record
        if self._exchange is not exchange or message is None or record is None:
            return
        self._exchange = None
        record.status = status
        self.closing = self._last(message)
        own, bodiless = grant + self._context.own_lines(record), message.method == b"HEAD"
        self.transport.write(answers.problem(status, reason, own, self.closing, bodiless=bodiless)[0])
        self._done()

    def exchange_truncated(self, exchange: ResponseSink) -> None:
        if self._exchange is exchange:
            self._exchange = None
            self._end_record()
            self._stop()
            self.transport.reset()

    def _done(self) -> None:
        """The response is written."""
        record = self._record
        self._end_record()
        message, self._message = self._message, None
        self._held = False
        if self.closing and message is not None:
            self._linger(_LINGER_WHOLE if message.whole else _LINGER_SECONDS)
            return
        self.ready(monotonic() if record is None else record.ended)
        self._advance()
        self._throttle()

    def _end_record(self) -> None:
        record, self._record = self._record, None
        if record is not None:
            if self._message is not None:
                record.received = self._message.received
            self._context.end(record)

    def ready(self, now: float) -> None:
        blocked = self.transport.blocked
        if self._reader.head_started:
            self._enter(READING_HEAD)
            self.clock.reading_head(now + self._context.request_header, blocked)
        else:
            self._enter(IDLE)
            self.clock.between_requests(now, self._context.keep_alive, blocked)

    # a tunnel

    def become_tunnel(self, tunnel: Tunnel) -> None:
        self._enter(TUNNEL)
        message, self._message = self._message, None
        self.tunnel, self._exchange = tunnel, None
        self.clock.watch()
        self.transport.resume()
        if self.transport.blocked:
            tunnel.client_blocked()
        if message is not None and message.upgrade_data:
            tunnel.from_client(message.upgrade_data)
        if self._context.draining:
            tunnel.going_away()

    def tunnel_over(self) -> None:
        self.tunnel = None
        self._end_record()
        if self.phase != CLOSED:
            self._linger(_LINGER_WHOLE)

    # time

    def tick(self, now: float) -> None:
        """Called by the coarse clock when `deadline` has come."""
        transport = self.transport
        if not self.admitted or self.unready:
            transport.abort()
            return
        due = self.clock.due(self.phase, transport, self.bounds.write_idle, now)
        if due == STALLED:
            self._abort(Reason.CLIENT_STALLED)
        elif self.tunnel is not None:
            self.tunnel.tick(now)
        elif self._message is not None:
            self._tick_request(self._message, now)
        elif due == OVER:
            if self.phase == LINGERING:
                self.abort()
            elif self.phase == READING_HEAD:
                self._refuse_head(self._reader.late())
            else:
                self._stop()
                transport.close()

    def _tick_request(self, message: Message, now: float) -> None:
        exchange = self._exchange
        if exchange is None:
            return
        if self.transport.paused and self.peer_has_left():
            self._abort(Reason.CLIENT_GONE)
            return
        held = self._held or exchange.backed_up()
        if message.complete or held or exchange.waits:
            self.clock.upload.excuse(now)
        else:
            fault = self.clock.upload.fault(message, self.bounds, exchange.record.upstream_started, now)
            if fault is not None:
                message.body_error, message.body_error_status = fault, 408
        if message.body_error is not None:
            exchange.request_body()
        else:
            exchange.tick(now, self.transport.blocked, held)

    # what `web.Server` asks of a connection

    def close(self) -> None:
        """The drain begins: the response under way is the last one."""
        if self.tunnel is not None:
            self.tunnel.going_away()
        elif self._message is None and not self._reader.backlog and self.phase != LINGERING:
            self._stop()
            self.transport.close()
        else:
            self.closing = True

    async def shutdown(self, timeout: float | None = 0) -> None:  # noqa: ASYNC109 - web.Server's own signature
        """The drain's time is over."""
        self.abort()
