"""One connection to an upstream: strict reading of its answers (RFC 9112), one exchange at a time.

Bytes that nobody asked for end the connection, so that no answer can wait on it for the next client."""

import asyncio
import ssl
from time import monotonic
from typing import TYPE_CHECKING

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from .heads import read_response
from .tls_state import TlsState
from .transport import Transport

if TYPE_CHECKING:
    from .passage import Passage
    from .pool import Pool
    from .tunnel import Tunnel

_INTERIM = 32  # 1xx responses before the final one
_HEAD_BYTES = 256 << 10  # of a response's head; ours is the memory


class UpstreamConnection(asyncio.Protocol):
    """Parses what comes for its `passage`; `None` is an idle connection."""

    __slots__ = (
        "_begun", "_bodiless", "_complete", "_head", "_head_done", "_interim", "_outbox", "_over", "_parser", "_pending", "_reusable",
        "_secured", "_whole", "deadline", "descriptor", "ended", "idle_since", "passage", "pool", "sent", "transport", "tunnel",
        "until_close", "used",
    )  # fmt: skip

    def __init__(self, pool: "Pool") -> None:
        self.pool = pool
        self.passage: Passage | None = None
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
        self._head = b""  # what has come of a head that is not whole yet
        self._whole = self._over = False  # llhttp's: a head, a message
        self._head_done = False
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
        return not self.transport.closing and (self.transport.tls is None or self.transport.tls.silent)

    def start(self, passage: "Passage", data: bytes, bodiless: bool) -> None:
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
        self._interim = 0

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
            self._feed(passage, rest)
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

    def _read_heads(self, passage: "Passage", data: bytes) -> bytes:
        """Interim heads and the final one; what is behind it."""
        while data and not self._head_done:
            if not self._begun and data[:1] != b"H":
                # llhttp would also read RTSP/ and ICE/.
                passage.upstream_invalid()
                return b""
            self._begun = True
            before = len(self._head)
            raw = self._head + data if before else data
            end = raw.find(b"\r\n\r\n", max(0, before - 3)) + 4
            if end < 4:
                self._head = raw
                if len(raw) > _HEAD_BYTES or (self._feed(passage, data) and self._whole):
                    passage.upstream_invalid()
                return b""
            self._head = b""
            piece = data
            if end < len(raw):
                piece, data, raw = data[: end - before], data[end - before :], raw[:end]
            else:
                data = b""
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

    def _read_head(self, passage: "Passage", raw: bytes) -> None:
        head = read_response(raw, self._bodiless)
        if head is None:
            passage.upstream_invalid()
        elif head.status == 101:
            if not passage.switch(head):
                passage.upstream_invalid()
        elif head.status < 200:
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
            self.until_close = not self._complete and not head.chunked and head.length < 0
            passage.response(head)

    def _feed(self, passage: "Passage", data: bytes) -> bool:
        """False where llhttp refuses it, and the passage has been told."""
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            pass  # behind a 101 nothing is for llhttp
        except HttpParserError:
            # After a whole answer it is the connection that is bad, not the answer.
            self._reusable = False
            if not self._complete:
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
            ended = exc if isinstance(exc, OSError) else ConnectionResetError("the connection ended in the TLS handshake")
            self._secured.set_exception(ended)
        self.pool.lost(self)
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

    def on_message_begin(self) -> None:
        if self._complete:
            # A second answer to one request.
            self._reusable = False

    def on_headers_complete(self) -> None:
        self._whole = True

    def on_body(self, data: bytes) -> None:
        if self._complete:
            # The body of an answer that has none.
            self._reusable = False
        elif self.passage is not None:
            self.passage.body(data)

    def on_message_complete(self) -> None:
        self._over = True
        if self._head_done:
            self._complete = True
