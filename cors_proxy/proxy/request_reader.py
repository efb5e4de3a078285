"""Reading requests from one client: bytes become messages, in order, within the policy's limits.

llhttp judges heads and bodies.  Where they end is found here too: so heads are taken whole (ADR 6),
and the result does not depend on where segments end.  After anything that is not a sound request
the reader is stopped: it takes no later byte for a request."""

from collections import deque
from time import monotonic
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from ..cors.reason import Reason
from .chunks import LAST, Chunks
from .field_lines import TWO_ENDS, parser_words
from .request_head import HeadError, RequestHead, read_request, request_line

_END: Final = b"\r\n\r\n"  # of a head
_REMEMBERED: Final = 4096  # bytes of a head that are kept, to know it again
_SMALL: Final = 4096  # bytes of a body up to which pieces are joined


class HeadLimits:
    """What a head may cost.  All readers of a process share one object, so a reload counts for each
    of them at once."""

    __slots__ = ("header_bytes", "header_count")

    def __init__(self, header_bytes: int, header_count: int) -> None:
        self.header_bytes, self.header_count = header_bytes, header_count


class Message:
    """A request as it comes in: its head, and what has come of its body and is not passed on
    yet."""

    __slots__ = (
        "body_error", "body_error_status", "buffered", "chunks", "complete", "continued", "head", "method",
        "received", "target", "upgrade_data",
    )  # fmt: skip

    def __init__(self, method: bytes, target: bytes, head: RequestHead) -> None:
        self.method, self.target, self.head = method, target, head
        self.chunks: list[bytes | bytearray] = []
        self.buffered = 0  # bytes in chunks
        self.received = 0  # bytes of the body so far
        self.complete = False
        self.continued = False  # the client was told to go on (100)
        self.body_error: Reason | None = None  # the body is malformed, stalled …
        self.body_error_status = 400
        # What came after a WebSocket handshake: frames, if it is accepted.  No request is ever read
        # from it.
        self.upgrade_data: bytes | None = None

    @property
    def whole(self) -> bool:
        """All of it has come, and nothing after it that would have to be dropped unread."""
        return self.complete and self.upgrade_data is None and self.body_error is None

    @property
    def last(self) -> bool:
        """Whether its response is the connection's last: no request is read after it (RFC 9112
        9.6)."""
        return self.head.close or not self.whole

    def framed(self) -> list[bytes | bytearray]:
        """What has come of the body, as the upstream gets it: in chunks of ours, where it came in
        chunks."""
        if not self.head.chunked:
            return self.chunks
        framed: list[bytes | bytearray] = []
        for chunk in self.chunks:
            framed += (b"%x\r\n" % len(chunk), chunk, b"\r\n")
        return framed


class RequestReader:
    """What is read and not taken yet is in `queue`; `incoming` is the message whose body is coming.

    No head is read before the message in front of it is taken: what a client sends ahead stays
    bytes."""

    def __init__(self, limits: HeadLimits) -> None:
        self._limits = limits
        self._parser = HttpRequestParser(self)
        self.queue: deque[Message | HeadError] = deque()
        self.incoming: Message | None = None
        self.stopped = False  # no byte is taken for a request any more
        # When the first byte of a head came that is not whole yet; 0: none has.
        self.head_started = 0.0
        self._head = bytearray()  # what has come of it
        self._unread, self._at = b"", 0  # what came after a message that waits, and where that begins
        self._whole = self._over = False  # llhttp's: a head, a message
        self._last: RequestHead | None = None
        self._last_preflight: RequestHead | None = None
        self._left = 0  # bytes of a body by Content-Length
        self._chunks: Chunks | None = None  # of a body in chunks

    def stop(self) -> None:
        """Reads nothing more, and drops what waits."""
        self.stopped = True
        self.queue.clear()
        self._unread = b""

    @property
    def backlog(self) -> bool:
        """Whether there is something to take before more is read from the client."""
        return bool(self.queue) or bool(self._unread)

    def more(self) -> bool:
        """Reads on in what has come.  True: a message is in `queue` now."""
        if self._unread:
            data, self._unread = self._unread, b""
            self._read(data, self._at)
        return bool(self.queue)

    def read(self, data: bytes) -> None:
        """Takes one segment: reads it up to the end of the first message that waits, and keeps what
        follows."""
        if self._unread:
            data = self._unread[self._at :] + data
            self._unread = b""
        self._read(data, 0)

    def _read(self, data: bytes, at: int) -> None:
        end = len(data)
        while at < end and not self.stopped:
            incoming = self.incoming
            if incoming is not None:
                at = self._read_body(incoming, data, at)
            elif self.queue:
                self._unread, self._at = data, at
                return
            else:
                at = self._read_head(data, at)

    def late(self) -> HeadError:
        """The error for a head that did not come in time."""
        return HeadError(408, Reason.REQUEST_TIMEOUT, "the head was not complete in time").of(self._head)

    def _read_head(self, data: bytes, at: int) -> int:
        """Reads one head, or what has come of it; where the bytes after it begin."""
        limit = self._limits.header_bytes
        before = len(self._head)
        known: RequestHead | None = None
        first = 0  # bytes of the request line
        if before:
            # However small the pieces are, each byte is joined once and searched once.
            self._head += data[at:]
            end = self._head.find(_END, max(0, before - 3)) + 4
            whole = end >= 4
            size = end if whole else len(self._head)
            raw = bytes(self._head[:size]) if whole else b""
            first = raw.find(b"\r\n")
            known = self._known(raw, first) if whole else None
            piece = data[at : at + size - before]
        else:
            # RFC 9112 2.2: skip empty lines before a request.
            while data[at] == 13 or data[at] == 10:
                at += 1
                if at == len(data):
                    return at
            raw = data
            first = data.find(b"\r\n", at) - at
            if not at:
                known = self._known(data, first)
            whole = known is not None
            if not whole:
                end = data.find(_END, at) + 4
                whole = end >= 4
                raw = data[at:end] if whole else data[at:]
                if len(raw) < len(data):
                    known = self._known(raw, first)
            piece, size = raw, len(raw)
        at += len(piece)
        too_large = size > limit
        if too_large:
            # An error in these bytes comes before 431, as it does when they come one by one.
            piece = piece[: limit - before]
        upgraded = False
        try:
            self._parser.feed_data(piece)
        except HttpParserUpgrade as stop:
            upgraded = True  # llhttp stops after the head, and would not read a body
            stopped_at: int = stop.args[0]
            if stopped_at != len(piece):  # a bare LF ended it: to llhttp that is HTTP/0.9
                return self._refuse(HeadError(400, Reason.MALFORMED_REQUEST, TWO_ENDS), raw)
        except HttpParserError as error:
            return self._refuse(HeadError(400, Reason.MALFORMED_REQUEST, parser_words(str(error))), raw)
        # llhttp and the search above must see the end of a head in one place.
        if self._whole is not (whole and not too_large):
            return self._refuse(HeadError(400, Reason.MALFORMED_REQUEST, TWO_ENDS), raw)
        if too_large:
            return self._refuse(
                HeadError(431, Reason.HEAD_TOO_LARGE, "more bytes than limits.header_bytes"), raw
            )
        if not whole:
            if not before:
                self._head += piece
            self.head_started = self.head_started or monotonic()
            return at
        self._whole = False
        if before:
            self._head.clear()
        try:
            message = self._message(raw, first, known)
        except HeadError as bad:
            return self._refuse(bad, raw)
        self.head_started = 0.0
        self.queue.append(message)
        if upgraded and self._upgrade(message, data, at):
            return at
        if self._over:
            self._complete(message)
        else:
            self.incoming, self._left = message, message.head.length
            if message.head.chunked:
                self._chunks = Chunks(limit)
        return at

    def _known(self, raw: bytes, first: int) -> RequestHead | None:
        """A remembered head whose lines are these, byte for byte: then they end where it ends."""
        size = len(raw) - first - 2
        for head in (self._last, self._last_preflight):
            if head is not None and len(head.block) == size and raw.endswith(head.block):
                return head
        return None

    def _message(self, raw: bytes, first: int, head: RequestHead | None) -> Message:
        """`head`: the remembered one, if these are its lines.  Raises HeadError."""
        method, target, http10 = request_line(raw[:first])
        if head is None or head.http10 is not http10:
            block = raw[first + 2 :]
            head = read_request(block, http10)
            if len(block) <= _REMEMBERED and head.count <= self._limits.header_count:
                if method == b"OPTIONS":
                    self._last_preflight = head
                else:
                    self._last = head
        if head.count > self._limits.header_count:
            raise HeadError(431, Reason.HEAD_TOO_LARGE, "more lines than limits.header_count")
        return Message(method, target, head)

    def _upgrade(self, message: Message, data: bytes, at: int) -> bool:
        """Handles a request with an Upgrade.  True: nothing after it is ever a request.

        Any mention of websocket counts here.  Whether it is a handshake that is forwarded as one is
        decided later, and more strictly (`tunnel.is_handshake`): what an upstream could take for
        frames must not be read as a request."""
        head = message.head
        if head.upgrade is not None and b"websocket" in head.upgrade:
            message.complete = self.stopped = True
            message.upgrade_data = data[at:]
            return True
        if head.has_body:
            # No such protocol is spoken here, so the Upgrade is ignored (RFC 9110 7.8).  A parser
            # that has not seen it reads the body, by the same framing.
            framing = b"Transfer-Encoding: chunked" if head.chunked else b"Content-Length: %d" % head.length
            self._parser = HttpRequestParser(self)
            self._parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + _END)
            self._whole = self._over = False
        return False

    def _read_body(self, incoming: Message, data: bytes, at: int) -> int:
        """Reads what of these bytes is of the body; where the bytes after it begin."""
        chunks = self._chunks
        try:
            if chunks is None:
                end = min(at + self._left, len(data))
                self._left -= end - at
                over = not self._left
                # A view: a slice would be a copy.
                self._parser.feed_data(data if end - at == len(data) else memoryview(data)[at:end])
            else:
                end = chunks.follow(data, at)
                over = chunks.over
                if chunks.shown > at:
                    whole = not at and chunks.shown == len(data)
                    self._parser.feed_data(data if whole else memoryview(data)[at : chunks.shown])
                if over:
                    self._parser.feed_data(LAST)
        except HttpParserError:
            return self._break(incoming, at)
        # llhttp and the framing above must see the same body with the same end.
        if over is not self._over or (
            chunks is not None and (chunks.broken or chunks.received != incoming.received)
        ):
            return self._break(incoming, at)
        if over:
            self._complete(incoming)
        return end

    def _complete(self, message: Message) -> None:
        message.complete = True
        self.incoming = self._chunks = None
        self._over = False
        if message.head.close:
            self.stopped = True

    def _break(self, incoming: Message, at: int) -> int:
        self.stopped, self.incoming = True, None
        incoming.body_error = Reason.MALFORMED_BODY
        return at

    def _refuse(self, bad: HeadError, raw: bytes) -> int:
        self.stopped = True
        self.queue.append(bad.of(self._head or raw))
        return 0

    # llhttp

    def on_headers_complete(self) -> None:
        self._whole = True

    def on_body(self, data: bytes) -> None:
        message = self.incoming
        if message is not None:
            size = len(data)
            message.received += size
            message.buffered += size
            chunks = message.chunks
            if size < _SMALL and chunks and len(chunks[-1]) + size <= _SMALL:
                # A list of tiny pieces would cost many times their bytes in memory.
                last = chunks[-1]
                if not isinstance(last, bytearray):
                    last = chunks[-1] = bytearray(last)
                last += data
            else:
                chunks.append(data)

    def on_message_complete(self) -> None:
        self._over = True
