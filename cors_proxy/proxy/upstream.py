"""One connection to an upstream: strict reading of its answers (RFC 9112), one exchange at a time.

Bytes that nobody asked for end the connection, so that no answer can wait on it for the next client."""

import asyncio
import select
from typing import TYPE_CHECKING, Any

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from ..cors.decision import Line
from .heads import read_response
from .kernel import reset, unsent

if TYPE_CHECKING:
    from .passage import Passage
    from .pool import Pool
    from .tunnel import Tunnel

_INTERIM = 32  # 1xx responses before the final one
_HEAD_BYTES = 256 << 10  # of a response's head; ours is the memory


class UpstreamConnection(asyncio.Protocol):
    """Parses what comes for its `passage`; `None` is an idle connection."""

    __slots__ = (
        "_bodiless", "_complete", "_head_bytes", "_head_done", "_interim", "_lines", "_parser", "_phrase", "_poller", "_raw", "_reusable",
        "_pending", "ended", "idle_since", "paused", "passage", "pool", "transport", "tunnel", "until_close", "used",
    )  # fmt: skip

    def __init__(self, pool: "Pool") -> None:
        self.pool = pool
        self.passage: Passage | None = None
        self.tunnel: Tunnel | None = None  # instead of a passage, after a 101
        self.transport: Any = None
        self.used = False  # it has carried an exchange
        self.paused = False  # it takes nothing at the moment
        self.ended = False
        self.idle_since = 0.0
        self.until_close = False  # the end of the answer is the end of the connection
        self._pending = 0
        self._bodiless = False
        self._poller = select.poll()
        self._reset()

    def _reset(self) -> None:
        self._parser = HttpResponseParser(self)
        self._lines: list[Line] = []
        self._phrase = b""
        self._head_done = False
        self._complete = False
        self._reusable = True
        self._interim = 0
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._poller.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def fresh(self) -> bool:
        """Whether an idle connection is alive and silent: bytes in the kernel that nobody asked for would be the next client's answer."""
        return not self.ended and not self.transport.is_closing() and not self._poller.poll(0)

    def start(self, passage: "Passage", head: bytes, bodiless: bool) -> None:
        """Sends a request's head for this passage; `bodiless`: HEAD, whose answer has no body whatever it says."""
        self.passage = passage
        self._bodiless = bodiless
        self.transport.write(head)

    def release(self) -> None:
        """The exchange is over, in both directions."""
        self.passage = None
        self.used = True
        self.transport.resume_reading()
        if self._bodiless:
            # llhttp still waits for the body that the answer to HEAD spoke of.
            self._parser = HttpResponseParser(self)
        self._head_done = self._complete = False
        self._interim = self._head_bytes = 0

    def abort(self, unfinished: bool = False) -> None:
        """Ends the connection now.  `unfinished`: in the middle of a request, by RST: to some servers a FIN is the end of any body."""
        self.passage = None
        if not self.ended:
            self.ended = True
            if unfinished:
                reset(self.transport)
            else:
                self.transport.abort()

    @property
    def answering(self) -> bool:
        """Some byte of an answer has come."""
        return self._head_bytes > 0

    def taking(self) -> bool:
        """Whether the upstream took something since this was asked last: what it acknowledged counts, not the kernel's room."""
        pending = unsent(self.transport)
        taken, self._pending = pending < self._pending, pending
        return taken

    # asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        passage = self.passage
        if passage is None:
            if self.tunnel is not None:
                self.tunnel.from_upstream(data)
            else:
                self.abort()
            return
        if not self._head_done:
            # llhttp would also read RTSP/ and ICE/.
            if (self._head_bytes == 0 and data[:1] != b"H") or self._head_bytes > _HEAD_BYTES:
                passage.upstream_invalid()
                return
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as pause:
            rest = data[pause.args[0] :]
            if self.tunnel is not None:
                if rest:
                    self.tunnel.from_upstream(rest)
            elif self.passage is passage:
                passage.upstream_invalid()
            return
        except HttpParserError:
            # After a whole answer it is the connection that is bad, not the answer.
            self._reusable = False
            if not self._complete:
                if self.passage is passage:
                    passage.upstream_invalid()
                return
        if self.passage is passage:
            passage.flush()
            if self._complete and self.passage is passage:
                # Only now: what came behind the answer in the same segment must not meet the next exchange.
                passage.response_complete(self._reusable)

    def eof_received(self) -> bool:
        if self.tunnel is not None:
            return self.tunnel.upstream_finished()
        if self.passage is not None:
            self.passage.upstream_ended(clean=True)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        passage, self.passage = self.passage, None
        self.pool.lost(self)
        if passage is not None:
            passage.upstream_ended(clean=False)
        if self.tunnel is not None:
            self.tunnel.upstream_lost()

    def pause_writing(self) -> None:
        self.paused = True
        if self.tunnel is not None:
            self.tunnel.upstream_blocked()

    def resume_writing(self) -> None:
        self.paused = False
        if self.tunnel is not None:
            self.tunnel.upstream_writable()
        elif self.passage is not None:
            self.passage.upstream_writable()

    # llhttp

    def on_message_begin(self) -> None:
        self._lines = []
        self._phrase = b""
        if self._complete:
            # A second answer to one request.
            self._reusable = False

    def on_status(self, phrase: bytes) -> None:
        self._phrase += phrase

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._head_done:
            self._lines.append((name, value))

    def on_headers_complete(self) -> None:
        passage = self.passage
        if passage is None or self._head_done:
            return
        status = self._parser.get_status_code()
        bodiless = self._bodiless or status < 200 or status in (204, 304)
        head = read_response(status, self._phrase, self._parser.get_http_version(), self._lines, bodiless)
        if head is None:
            passage.upstream_invalid()
        elif status == 101:
            if not passage.switch(head):
                passage.upstream_invalid()
        elif status < 200:
            self._interim += 1
            if self._interim > _INTERIM:
                passage.upstream_invalid()
            else:
                passage.interim(head)
        else:
            self._head_done = True
            self.until_close = not bodiless and not head.chunked and head.length < 0
            passage.response(head)
            if self._bodiless:
                self._complete, self._reusable = True, not head.close

    def on_body(self, data: bytes) -> None:
        if self._complete:
            # The body of an answer that has none.
            self._reusable = False
        elif self.passage is not None:
            self.passage.body(data)

    def on_message_complete(self) -> None:
        if self._head_done and not self._complete:
            self._complete, self._reusable = True, self._parser.should_keep_alive()
