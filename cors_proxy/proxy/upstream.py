"""One connection to an upstream: strict reading of its answers (RFC 9112), one exchange at a time.

Bytes that nobody asked for end the connection, so that no answer can wait on it for the next client."""

import asyncio
import ssl
from time import monotonic
from typing import TYPE_CHECKING

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from .chunks import LAST, Chunks
from .response_head import read_response
from .tls_state import TlsState
from .transport import Transport

if TYPE_CHECKING:
    from .pool import Pool
    from .proxy_exchange import ProxyExchange
    from .tunnel import Tunnel

_END = b"\r\n\r\n"  # of a head
_INTERIM = 32  # 1xx responses before the final one
_HEAD_BYTES = 256 << 10  # of a response's head; ours is the memory


class UpstreamConnection(asyncio.Protocol):
    """Parses what comes for its `passage`; `None` is an idle connection."""

    __slots__ = (
        "_begun", "_bodiless", "_chunks", "_complete", "_head", "_head_done", "_interim", "_left", "_outbox", "_over", "_parser",
        "_pending", "_received_bytes", "_reusable", "_secured", "_whole", "deadline", "descriptor", "ended", "idle_since", "passage",
        "pool", "sent", "transport", "tunnel", "until_close", "used",
    )  # fmt: skip

    def __init__(self, pool: "Pool") -> None:
        self.pool = pool
        self.passage: ProxyExchange | None = None
        self.tunnel: Tunnel | None = None  # instead of a passage, after a 101
        self.transport: Transport
        self.descriptor = -1
        self.used = False  # it has carried an exchange
        self.ended = False
        self.deadline = 0.0  # when what is written to a tunnel that is over has to be gone; 0: none
        self.idle_since = 0.0
        self.until_close = False  # the end of the answer is the end of the connection
        self._outbox = pool.outbox
        self._secured: asyncio.Future[None] | None = None  # the TLS handshake under way
        self._parser = HttpResponseParser(self)
        self._pending = 0
        self._bodiless = False
        self.sent = False  # the request's first bytes are written, so that an answer may come
        self._begun = False  # some byte of an answer has come
        self._head = bytearray()  # what has come of a head that is not whole yet
        self._whole = self._over = False  # llhttp's: a head, a message
        self._head_done = False
        self._chunks: Chunks | None = None  # of a body in chunks
        self._left = -1  # bytes of a body with a length
        self._received_bytes = 0  # of a body, by llhttp
        self._complete = False
        self._reusable = True
        self._interim = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = Transport(self._outbox, transport)
        self.descriptor = transport.get_extra_info("socket").fileno()

    async def secure(self, context: ssl.SSLContext, name: str) -> None:
        """The TLS handshake; raises ssl.SSLError, ssl.CertificateError or OSError."""
        tls = self.transport.tls = TlsState(context, name)
        self._secured = asyncio.get_running_loop().create_future()
        tls.start()
        self.transport.send_records()
        try:
            await self._secured
        finally:
            self._secured = None

    def alive(self) -> bool:
        """Whether an idle connection can carry a request, as far as the loop knows; the outbox asks the kernel."""
        return not self.ended and not self.transport.closing

    def silent(self) -> bool:
        """Nothing that nobody asked for has come: not even half a TLS record, which the kernel has no longer."""
        tls = self.transport.tls
        return tls is None or tls.silent

    def start(self, passage: "ProxyExchange", data: bytes, bodiless: bool) -> None:
        """Sends a request's first bytes for this passage; `bodiless`: HEAD, whose answer has no body whatever it says."""
        self.passage = passage
        self._bodiless = bodiless
        self._outbox.request(self, data)

    def begin(self, data: bytes) -> None:
        """Called by the outbox: now they go out."""
        passage = self.passage
        if passage is not None:
            self.sent = True
            self.transport.write_now(data)
            passage.begun()

    def stale(self) -> None:
        """Called by the outbox: the connection is no good for the request, of which nothing was sent."""
        passage, self.passage = self.passage, None
        self.pool.drop(self)
        if passage is None:
            return
        if self.used:
            passage.again()
        else:
            passage.upstream_ended(clean=False)

    def release(self) -> None:
        """The exchange is over, in both directions."""
        self.passage = None
        self.used = True
        self.transport.resume()
        if self._bodiless:
            # llhttp still waits for the body that the answer to HEAD spoke of.
            self._parser = HttpResponseParser(self)
        self.sent = self._begun = self._head_done = self._complete = self._over = False
        self._chunks = None
        self._interim = self._received_bytes = 0

    def abort(self, unfinished: bool = False) -> None:
        """Ends the connection now.  `unfinished`: in the middle of a request, by RST: to some servers a FIN is the end of any body."""
        self.passage = None
        if not self.ended:
            self.ended = True
            if unfinished and self.sent:
                self.transport.reset()
            else:
                self.transport.abort()

    def finish(self, seconds: float) -> None:
        """The tunnel is over: what was written goes out, if the upstream takes it within these seconds."""
        if not self.ended:
            self.deadline = monotonic() + seconds
            self.transport.close()

    @property
    def answering(self) -> bool:
        """Some byte of an answer has come."""
        return self._begun

    def taking(self) -> bool:
        """Whether the upstream took something since this was asked last: what it acknowledged counts, not the kernel's room."""
        pending = self.transport.unsent
        taken, self._pending = pending < self._pending, pending
        return taken

    # asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        tls = self.transport.tls
        if tls is None:
            self._received(data)
            return
        try:
            plain = tls.receive(data)
        except (ssl.SSLError, ssl.CertificateError, ValueError) as error:
            self.transport.send_records()
            if self._secured is not None and not self._secured.done():
                self._secured.set_exception(error)
                self.transport.close()  # behind the alert
            else:
                self.transport.abort()
            return
        self.transport.send_records()
        if self._secured is not None and tls.established and not self._secured.done():
            self._secured.set_result(None)
        if plain:
            self._received(plain)
        elif self.used and not self.sent and not tls.silent:
            self._unasked()  # half a record
        if tls.peer_closed and not self.ended:
            self._finished()

    def _received(self, data: bytes) -> None:
        passage = self.passage
        if passage is None or not self.sent:
            if self.tunnel is not None:
                self.tunnel.from_upstream(data)
            else:
                self._unasked()
            return
        rest = data if self._head_done else self._read_heads(passage, data)
        if rest and self.passage is passage:
            self._read_body(passage, rest)
        if self.passage is passage:
            passage.flush()
            if self._complete and self.passage is passage:
                # Only now: what came behind the answer in the same segment must not meet the next exchange.
                passage.response_complete(self._reusable)

    def _unasked(self) -> None:
        """Bytes that nobody asked for.  Where a request waits to be sent here, the outbox finds the connection ended, and the
        request goes elsewhere."""
        self.ended = True
        self.transport.abort()

    def _read_heads(self, passage: "ProxyExchange", data: bytes) -> bytes:
        """Interim heads and the final one; what is behind it."""
        while data and not self._head_done:
            if not self._begun and data[:1] != b"H":
                # llhttp would also read RTSP/ and ICE/.
                passage.upstream_invalid()
                return b""
            self._begun = True
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
                passage.upstream_invalid()
                return b""
            if not whole:
                if not before:
                    head += data
                if self._feed(passage, data) and self._whole:
                    passage.upstream_invalid()
                return b""
            raw = bytes(head[:end]) if before else data[:end]
            piece, data = data[: end - before], data[end - before :]
            if before:
                head.clear()
            # Where llhttp sees the end of a head, and where it was found here, is one place, or it is no head.
            if not self._feed(passage, piece):
                return b""
            if not self._whole:
                passage.upstream_invalid()
                return b""
            self._whole = False
            self._read_head(passage, raw)
            if self.passage is not passage:
                if self.tunnel is not None and data:
                    self.tunnel.from_upstream(data)
                return b""
        return data

    def _read_head(self, passage: "ProxyExchange", raw: bytes) -> None:
        head = read_response(raw, self._bodiless)
        if head is None:
            passage.upstream_invalid()
        elif head.status == 101:
            if not passage.switch(head):
                passage.upstream_invalid()
        elif head.status < 200:
            # llhttp takes some of them for answers with a body, or for the last one.
            self._parser = HttpResponseParser(self)
            self._over = False
            self._interim += 1
            if self._interim > _INTERIM:
                passage.upstream_invalid()
            else:
                passage.interim(head)
        else:
            self._head_done = True
            self._reusable = not head.close
            self._complete = self._over or self._bodiless
            self._left = head.length
            if head.chunked and not self._complete:
                self._chunks = Chunks(_HEAD_BYTES)
            self.until_close = not self._complete and not head.chunked and head.length < 0
            passage.response(head)

    def _read_body(self, passage: "ProxyExchange", data: bytes) -> None:
        """What comes behind the final head: the body, up to its end and no further."""
        if self._complete:
            # The body of an answer that has none, or a second answer: the connection is bad, not the answer.
            self._reusable = False
            return
        chunks = self._chunks
        if chunks is not None:
            end = chunks.follow(data, 0)
            if not self._feed(passage, data[: chunks.shown]) or (
                chunks.over and not self._feed(passage, LAST)
            ):
                return
            over, sound = chunks.over, not chunks.broken and chunks.received == self._received_bytes
        elif self.until_close:
            self._feed(passage, data)
            return
        else:
            end = min(self._left, len(data))
            self._left -= end
            over, sound = not self._left, self._feed(passage, data[:end])
        # What llhttp takes for the body and its end, and what was found here, is one thing, or it is no body.
        if not sound or over is not self._over:
            if self.passage is passage:
                passage.upstream_invalid()
            return
        self._complete = over
        if end < len(data):
            self._reusable = False

    def _feed(self, passage: "ProxyExchange", data: bytes) -> bool:
        """False where llhttp refuses it, and the passage has been told."""
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            pass  # behind a 101 nothing is for llhttp
        except HttpParserError:
            if self.passage is passage:
                passage.upstream_invalid()
            return False
        return True

    def eof_received(self) -> bool:
        tls = self.transport.tls
        if tls is not None and not tls.peer_closed:
            # A FIN that anybody on the way can send: the answer may have been cut short (RFC 8446 6.1).
            self.transport.abort()
            return False
        return tls is not None or self._finished()

    def _finished(self) -> bool:
        """The upstream says that it has sent all; true: the connection stays open for what goes there."""
        if self.tunnel is not None:
            return self.tunnel.upstream_finished()
        if self.passage is not None and self.sent:
            self.passage.upstream_ended(clean=True)
        if not self.ended:
            self.transport.close()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        if self._secured is not None and not self._secured.done():
            ended = (
                exc
                if isinstance(exc, OSError)
                else ConnectionResetError("the connection ended in the TLS handshake")
            )
            self._secured.set_exception(ended)
        self.pool.lost(self)
        self.transport.tls = None  # as on the client's side
        if self.passage is not None and self.sent:
            passage, self.passage = self.passage, None
            passage.upstream_ended(clean=False)
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
        elif self.passage is not None:
            self.passage.upstream_writable()

    # llhttp

    def on_headers_complete(self) -> None:
        self._whole = True

    def on_body(self, data: bytes) -> None:
        # Only where a body can be meant: nothing else may reach the client's stream.
        if self._head_done and not self._complete and self.passage is not None:
            self._received_bytes += len(data)
            self.passage.body(data)

    def on_message_complete(self) -> None:
        self._over = True
