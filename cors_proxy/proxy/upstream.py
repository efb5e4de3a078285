"""One connection to an upstream: strict reading of its responses (RFC 9112), one exchange at a
time.

Unsolicited bytes end the connection, so that no response can wait on it for the next client."""

import asyncio
from time import monotonic
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from .address import Address
from .chunks import LAST, Chunks
from .field_lines import TWO_ENDS, parser_words
from .outbox import Outbox, RequestSender
from .phase import PhaseError, may_follow
from .response_head import ResponseError, no_response, read_response
from .response_sink import ResponseSink
from .tls_state import TlsState
from .tunnel import LAST_WORDS, Tunnel
from .upstream_phase import BODY, DONE, ENDED, HEAD, IDLE, NAMES, NEXT, SENT, TUNNEL

_END: Final = b"\r\n\r\n"  # of a head
_LONGEST_ROUND_TRIP: Final = 1.0  # seconds to an upstream and back, where all its responses are slower
_INTERIM: Final = 32  # 1xx responses before the final one
_IN_HANDSHAKE: Final = "the connection ended in the TLS handshake"
_HEAD_BYTES: Final = 256 << 10  # of a response's head: the memory is ours


class ConnectionOwner:
    """The pool that a connection belongs to."""

    def drop(self, connection: "UpstreamConnection") -> None:
        """The connection is good for nothing more: ends it, and gives its place to another one."""
        raise NotImplementedError

    def lost(self, connection: "UpstreamConnection") -> None:
        """The connection has ended."""
        raise NotImplementedError


class UpstreamConnection(RequestSender):
    """Sends a request, and reads its response for `sink`.  Its phases: `upstream_phase`."""

    __slots__ = (
        "_bodiless", "_chunks", "_head", "_interim", "_left", "_outbox", "_owner", "_over", "_parser",
        "_received_bytes", "_reusable", "_secured", "_sink", "_tls_fault", "_unsent", "_whole",
        "address", "deadline", "expected_tls", "idle_until", "keep_alive", "phase", "round_trip", "since",
        "tunnel", "until_close",
    )  # fmt: skip

    def __init__(self, outbox: Outbox, owner: ConnectionOwner, address: Address) -> None:
        super().__init__(outbox)
        self.phase: int = IDLE
        self.tunnel: Tunnel | None = None  # instead of a sink, after a 101
        self.deadline = 0.0  # when what is written to a tunnel that is over has to be gone; 0: none
        self.address = address  # where it goes
        self.since = monotonic()  # its age
        self.keep_alive = -1  # seconds that the upstream promised to keep it; -1: it said nothing
        # Seconds to the upstream and back, at most: those of its fastest response.
        self.round_trip = _LONGEST_ROUND_TRIP
        self.idle_until = 0.0  # it carries a request before, and none after
        # The end of the response is the end of the connection (RFC 9112 6.3, rule 8).
        self.until_close = False
        self._outbox, self._owner = outbox, owner
        self._sink: ResponseSink | None = None
        self.expected_tls: TlsState | None = None  # set before the connection is made
        self._secured: asyncio.Future[None] | None = None  # the TLS handshake under way
        self._tls_fault: Exception | None = None
        self._unsent = 0  # bytes that were not acknowledged when this was asked last
        self._bodiless = False
        self._reusable = True
        # of the response under way
        self._parser = HttpResponseParser(self)
        self._head = bytearray()  # what has come of a head that is not whole yet
        self._whole = self._over = False  # llhttp's: a head, a message
        self._chunks: Chunks | None = None  # of a body in chunks
        self._left = -1  # bytes of a body with a length
        self._received_bytes = 0  # of a body, by llhttp
        self._interim = 0

    def _enter(self, phase: int) -> None:
        if not may_follow(NEXT, self.phase, phase):
            self.transport.abort()
            raise PhaseError(NAMES, self.phase, phase)
        self.phase = phase

    @property
    def ended(self) -> bool:
        return self.phase == ENDED

    @property
    def in_exchange(self) -> bool:
        """A request was sent, and its exchange is not over."""
        return SENT <= self.phase <= DONE

    async def secure(self) -> None:
        """The handshake of `expected_tls`; raises ssl.SSLError, ssl.CertificateError or OSError."""
        tls = self.transport.tls
        if self._tls_fault is not None:
            raise self._tls_fault
        if tls is None:
            raise ConnectionResetError(_IN_HANDSHAKE)
        self._secured = asyncio.get_running_loop().create_future()
        tls.start()
        self.transport.send_records()
        try:
            await self._secured
        finally:
            self._secured = None

    # a request

    def alive(self) -> bool:
        """Whether an idle connection can carry a request, as far as the loop knows; the outbox asks
        the kernel."""
        return self.phase != ENDED and not self.transport.closing

    def silent(self) -> bool:
        tls = self.transport.tls
        return tls is None or tls.silent

    def start(self, sink: ResponseSink, data: bytes, bodiless: bool) -> None:
        """Sends a request's first bytes for this sink.  `bodiless`: it is a HEAD, whose response
        has no body whatever its head says (RFC 9112 6.3, rule 1)."""
        self._sink = sink
        self._bodiless = bodiless
        self._outbox.request(self, data)

    def send_request(self, data: bytes) -> None:
        sink = self._sink
        if sink is not None:
            self._enter(SENT)
            self.transport.write_now(data)
            sink.request_started()

    def request_refused(self) -> None:
        sink, self._sink = self._sink, None
        self._owner.drop(self)
        if sink is not None:
            sink.request_unsent()

    def upstream_takes(self) -> bool:
        """Whether the upstream took something since this was asked last.  What it acknowledged
        counts, not the room in the kernel."""
        before, self._unsent = self._unsent, self.transport.unsent
        return self._unsent < before

    def release(self) -> None:
        """The exchange is over, in both directions: the connection may carry another one."""
        self._enter(IDLE)
        self._sink = None
        self.used = True
        self.transport.resume()
        if self._bodiless:
            # llhttp still waits for the body that the response to HEAD spoke of.
            self._parser = HttpResponseParser(self)
        self._over = False
        self._chunks = None
        self._interim = self._received_bytes = 0

    def abort(self, unfinished: bool = False) -> None:
        """Ends the connection now.  `unfinished`: the request is not whole, so it ends by RST.  To
        some servers a FIN is the end of any body."""
        self._sink = None
        if self.phase != ENDED:
            sent = self.phase != IDLE
            self._enter(ENDED)
            if unfinished and sent:
                self.transport.reset()
            else:
                self.transport.abort()

    # a tunnel

    def become_tunnel(self, tunnel: Tunnel) -> None:
        """The 101 has come: the connection is the tunnel's."""
        self._enter(TUNNEL)
        self._sink, self.tunnel = None, tunnel

    def tunnel_over(self) -> None:
        """What was written still goes out, if the upstream takes it soon: the pool looks at
        `deadline`."""
        if self.phase != ENDED:
            self.deadline = monotonic() + LAST_WORDS
            self.transport.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.tls, self.expected_tls = self.expected_tls, None

    def received_part(self) -> None:
        if self.used and self.phase == IDLE:
            # Half a record on an idle connection.  Neither the kernel nor OpenSSL would tell of it
            # later.
            self._unsolicited()

    def tls_established(self) -> None:
        if self._secured is not None and not self._secured.done():
            self._secured.set_result(None)

    def tls_failed(self, error: Exception) -> None:
        if self._secured is not None and not self._secured.done():
            self._secured.set_exception(error)
            self.transport.close()  # after the alert
        else:
            if self.transport.tls is not None and not self.transport.tls.established:
                self._tls_fault = error  # it came before `secure` was called
            self.transport.abort()

    def tls_closed(self) -> None:
        if self.phase != ENDED:
            self._finished()

    def received(self, data: bytes) -> None:
        sink = self._sink
        if sink is None or not self.in_exchange:
            if self.tunnel is not None:
                self.tunnel.from_upstream(data)
            else:
                self._unsolicited()
            return
        body = data if self.phase >= BODY else self._read_heads(sink, data)
        if body and self._sink is sink:
            self._read_body(sink, body)
        if self._sink is sink:
            sink.flush()
            if self.phase == DONE and self._sink is sink:
                # Only now: what came after the response in the same segment must not meet the next
                # exchange.
                sink.response_complete(self._reusable)

    def _unsolicited(self) -> None:
        """Bytes have come that answer no request.  Where a request waits to be sent here, the
        outbox finds the connection ended, and the request goes elsewhere."""
        self._enter(ENDED)
        self.transport.abort()

    def _read_heads(self, sink: ResponseSink, data: bytes) -> bytes:
        """Reads interim heads and the final one; the bytes after it."""
        while data and self.phase < BODY:
            if self.phase == SENT:
                if data[:1] != b"H":
                    # llhttp would also read RTSP/ and ICE/.
                    sink.upstream_invalid(no_response(data))
                    return b""
                self._enter(HEAD)
            head = self._head
            before = len(head)
            if before:
                # However small the pieces are, each byte is joined once and searched once.
                head += data
                end = head.find(_END, max(0, before - 3)) + 4
            else:
                end = data.find(_END) + 4
            whole = end >= 4
            if (end if whole else before + len(data)) > _HEAD_BYTES:
                sink.upstream_invalid(f"a response head of more than {_HEAD_BYTES >> 10} KiB")
                return b""
            if not whole:
                if not before:
                    head += data
                if self._feed(sink, data) and self._whole:
                    sink.upstream_invalid(TWO_ENDS)
                return b""
            raw = bytes(head[:end]) if before else data[:end]
            piece, data = data[: end - before], data[end - before :]
            if before:
                head.clear()
            # llhttp and the search above must see the end of a head in one place.
            if not self._feed(sink, piece):
                return b""
            if not self._whole:
                sink.upstream_invalid(TWO_ENDS)
                return b""
            self._whole = False
            self._read_head(sink, raw)
            if self._sink is not sink:
                if self.tunnel is not None and data:
                    self.tunnel.from_upstream(data)
                return b""
        return data

    def _read_head(self, sink: ResponseSink, raw: bytes) -> None:
        try:
            head = read_response(raw, self._bodiless)
        except ResponseError as error:
            sink.upstream_invalid(error.detail)
            return
        if head.status == 101:
            if not sink.switch(head):
                sink.upstream_invalid("a 101 that accepts no handshake of this request")
        elif head.status < 200:
            # llhttp takes some of them for responses with a body, or for the final one.
            self._parser = HttpResponseParser(self)
            self._over = False
            self._interim += 1
            if self._interim > _INTERIM:
                sink.upstream_invalid(f"more than {_INTERIM} interim responses (1xx)")
            else:
                sink.interim(head)
        else:
            complete = self._over or self._bodiless
            self._enter(DONE if complete else BODY)
            self._reusable = not head.close
            self.keep_alive = head.keep_alive
            self._left = head.length
            if head.chunked and not complete:
                self._chunks = Chunks(_HEAD_BYTES)
            self.until_close = not complete and not head.chunked and head.length < 0
            sink.response(head)

    def _read_body(self, sink: ResponseSink, data: bytes) -> None:
        """Reads what comes after the final head: the body, up to its end and no further."""
        if self.phase == DONE:
            # The body of a response that has none, or a second response: the connection is bad, not
            # the response.
            self._reusable = False
            return
        chunks = self._chunks
        # Whole segments are not sliced: compiled code would copy them.
        if chunks is not None:
            end = chunks.follow(data, 0)
            shown = data if chunks.shown == len(data) else data[: chunks.shown]
            if not self._feed(sink, shown) or (chunks.over and not self._feed(sink, LAST)):
                return
            over, sound = chunks.over, not chunks.broken and chunks.received == self._received_bytes
        elif self.until_close:
            self._feed(sink, data)
            return
        else:
            end = min(self._left, len(data))
            self._left -= end
            over, sound = not self._left, self._feed(sink, data if end == len(data) else data[:end])
        # llhttp and the framing above must see the same body with the same end.
        if not sound or over is not self._over:
            if self._sink is sink:
                sink.upstream_invalid("a body whose end two readers would see in two places")
            return
        if over:
            self._enter(DONE)
        if end < len(data):
            self._reusable = False

    def _feed(self, sink: ResponseSink, data: bytes) -> bool:
        """Gives bytes to llhttp.  False where it refuses them; the sink has been told then."""
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            pass  # llhttp reads nothing after a 101
        except HttpParserError as error:
            if self._sink is sink:
                sink.upstream_invalid(parser_words(str(error)))
            return False
        return True

    def eof_received(self) -> bool:
        tls = self.transport.tls
        if tls is not None and not tls.peer_closed:
            # A FIN that anybody on the way can send: the response may have been cut short (RFC 8446
            # 6.1).
            self.transport.abort()
            return False
        return tls is not None or self._finished()

    def _finished(self) -> bool:
        """The upstream has sent all that it will.  True: the connection stays open for what goes
        there."""
        if self.tunnel is not None:
            return self.tunnel.upstream_finished()
        if self._sink is not None and self.in_exchange:
            self._sink.upstream_ended(clean=True, answered=self.phase >= HEAD)
        if self.phase != ENDED:
            self.transport.close()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        responding, answered = self.in_exchange, self.phase >= HEAD
        self._enter(ENDED)
        if self._secured is not None and not self._secured.done():
            reset = ConnectionResetError(_IN_HANDSHAKE)
            self._secured.set_exception(exc if isinstance(exc, OSError) else reset)
        self._owner.lost(self)
        # OpenSSL's memory: the collector of cycles does not see how much it frees.
        self.transport.tls = None
        if self._sink is not None and responding:
            sink, self._sink = self._sink, None
            sink.upstream_ended(clean=False, answered=answered)
        if self.tunnel is not None:
            self.tunnel.upstream_lost()

    def pause_writing(self) -> None:
        self.transport.blocked = True
        if self.tunnel is not None:
            self.tunnel.upstream_blocked()

    def resume_writing(self) -> None:
        self.transport.blocked = False
        if self.tunnel is not None:
            self.tunnel.upstream_writable()
        elif self._sink is not None:
            self._sink.upstream_writable()

    # llhttp

    def on_headers_complete(self) -> None:
        self._whole = True

    def on_body(self, data: bytes) -> None:
        # llhttp takes some 1xx for responses with a body: nothing but the final one's may reach the
        # client's stream.
        if self.phase == BODY and self._sink is not None:
            self._received_bytes += len(data)
            self._sink.body(data)

    def on_message_complete(self) -> None:
        self._over = True
