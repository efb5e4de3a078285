"""Reading requests from one client: bytes become messages, in order, within the policy's limits.

llhttp judges heads and bodies; where they end is seen here too, so that heads can be taken whole, and that the cut makes no difference.
Whatever is no sound request makes the reader deaf: not a byte behind it is ever taken for a request."""

from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from ..cors.reason import Reason
from .chunks import LAST, Chunks
from .request_head import HeadError, RequestHead, read_request, request_line

if TYPE_CHECKING:
    from .edge import Edge

_END: Final = b"\r\n\r\n"  # of a head
_REMEMBERED: Final = 4096  # bytes of a head that are kept, to know it again
_SMALL: Final = 4096  # bytes of a body up to which pieces are joined


class Message:
    """A request as it comes in: its head, and what has come of its body and is not passed on yet."""

    __slots__ = (
        "broken", "broken_status", "chunks", "complete", "continued", "head", "method", "received", "rest", "target", "waiting",
    )  # fmt: skip

    def __init__(self, method: bytes, target: bytes, head: RequestHead) -> None:
        self.method, self.target, self.head = method, target, head
        self.chunks: list[bytes | bytearray] = []
        self.waiting = 0  # bytes in chunks
        self.received = 0  # bytes of the body so far
        self.complete = False
        self.continued = False  # the client was told to go on (100)
        self.broken: Reason | None = None  # the body is malformed, stalled …
        self.broken_status = 400
        self.rest: bytes | None = (
            None  # what came behind a WebSocket handshake: no request is ever read from it
        )


class RequestReader:
    """What is read and not judged yet is in `queue`; `incoming` is the message whose body is coming.

    No head is read before the message in front of it is taken: what a client sends ahead stays bytes."""

    def __init__(self, edge: "Edge") -> None:
        self._edge = edge
        self._parser = HttpRequestParser(self)
        self.queue: deque[Message | HeadError] = deque()
        self.incoming: Message | None = None
        self.deaf = False
        self.begun = 0.0  # when the first byte of a head came that is not whole yet; 0: none has
        self._head = bytearray()  # what has come of it
        self._unread, self._at = b"", 0  # what came behind a message that waits, and where that begins
        self._whole = self._over = False  # llhttp's: a head, a message
        self._last: RequestHead | None = None
        self._last_preflight: RequestHead | None = None
        self._left = 0  # bytes of a body by Content-Length
        self._chunks: Chunks | None = None  # of a body in chunks

    def stop(self) -> None:
        """Nothing more is read, and what waits is dropped."""
        self.deaf = True
        self.queue.clear()
        self._unread = b""

    @property
    def backlog(self) -> bool:
        """There are bytes to be taken before more is read."""
        return bool(self.queue) or bool(self._unread)

    def more(self) -> bool:
        """Reads on in what has come; whether a message is in `queue` now."""
        if self._unread:
            data, self._unread = self._unread, b""
            self._read(data, self._at)
        return bool(self.queue)

    def read(self, data: bytes) -> None:
        """Takes one segment, up to the end of the first message in it that nobody has taken."""
        if self._unread:
            data = self._unread[self._at :] + data
            self._unread = b""
        self._read(data, 0)

    def _read(self, data: bytes, at: int) -> None:
        end = len(data)
        while at < end and not self.deaf:
            incoming = self.incoming
            if incoming is not None:
                at = self._read_body(incoming, data, at)
            elif self.queue:
                self._unread, self._at = data, at
                return
            else:
                at = self._read_head(data, at)

    def late(self) -> HeadError:
        """What is said of a head that did not come in time."""
        return HeadError(408, Reason.REQUEST_TIMEOUT).of(self._head)

    def _read_head(self, data: bytes, at: int) -> int:
        """One head, or what has come of it; where the bytes behind it begin."""
        limit = self._edge.header_bytes
        before = len(self._head)
        known: RequestHead | None = None
        if before:
            # However small the pieces are, each byte is joined once and searched once.
            self._head += data[at:]
            end = self._head.find(_END, max(0, before - 3)) + 4
            whole = end >= 4
            size = end if whole else len(self._head)
            raw = bytes(self._head[:size]) if whole else b""
            known = self._known(raw) if whole else None
            piece = data[at : at + size - before]
        else:
            while data[at] == 13 or data[at] == 10:  # RFC 9112 2.2: empty lines before a request
                at += 1
                if at == len(data):
                    return at
            raw = data
            if not at:
                known = self._known(data)
            whole = known is not None
            if not whole:
                end = data.find(_END, at) + 4
                whole = end >= 4
                raw = data[at:end] if whole else data[at:]
                if len(raw) < len(data):
                    known = self._known(raw)
            piece, size = raw, len(raw)
        at += len(piece)
        too_large = size > limit
        if too_large:
            piece = piece[: limit - before]  # an error in there comes first, as it does byte by byte
        upgraded = False
        try:
            self._parser.feed_data(piece)
        except HttpParserUpgrade:
            upgraded = True  # llhttp stops behind the head, and drops a body from sight
        except HttpParserError as error:
            return self._refuse(HeadError(400, Reason.MALFORMED_REQUEST, str(error)), raw)
        # Where llhttp sees the end of a head, and where it was found here, is one place, or it is no head.
        if self._whole is not (whole and not too_large):
            return self._refuse(HeadError(400, Reason.MALFORMED_REQUEST, "two ends"), raw)
        if too_large:
            return self._refuse(HeadError(431, Reason.HEAD_TOO_LARGE, "header_bytes"), raw)
        if not whole:
            if not before:
                self._head += piece
            self.begun = self.begun or monotonic()
            return at
        self._whole = False
        if before:
            self._head.clear()
        try:
            message = self._message(raw, known)
        except HeadError as bad:
            return self._refuse(bad, raw)
        self.begun = 0.0
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

    def _known(self, raw: bytes) -> RequestHead | None:
        """A head whose lines are all that is behind the request line, byte for byte: then they end where it ends."""
        size = len(raw) - raw.find(b"\r\n") - 2
        for head in (self._last, self._last_preflight):
            if head is not None and len(head.block) == size and raw.endswith(head.block):
                return head
        return None

    def _message(self, raw: bytes, head: RequestHead | None) -> Message:
        """`head`: if it is known.  Raises HeadError."""
        end = raw.find(b"\r\n")
        method, target, http10 = request_line(raw[:end])
        if head is None or head.http10 is not http10:
            block = raw[end + 2 :]
            head = read_request(block, http10)
            if len(block) <= _REMEMBERED and head.count <= self._edge.header_count:
                if method == b"OPTIONS":
                    self._last_preflight = head
                else:
                    self._last = head
        if head.count > self._edge.header_count:
            raise HeadError(431, Reason.HEAD_TOO_LARGE, "header_count")
        return Message(method, target, head)

    def _upgrade(self, message: Message, data: bytes, at: int) -> bool:
        """A request with an Upgrade.  True: nothing behind it is ever a request."""
        head = message.head
        if head.upgrade is not None and b"websocket" in head.upgrade:
            message.complete = self.deaf = True
            message.rest = data[at:]
            return True
        if head.has_body:
            # Read on as if there had been no Upgrade: the same framing, on a parser that has not seen it.
            framing = b"Transfer-Encoding: chunked" if head.chunked else b"Content-Length: %d" % head.length
            self._parser = HttpRequestParser(self)
            self._parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + _END)
            self._whole = self._over = False
        return False

    def _read_body(self, incoming: Message, data: bytes, at: int) -> int:
        """What of these bytes is of the body; where the bytes behind it begin."""
        chunks = self._chunks
        try:
            if chunks is None:
                end = min(at + self._left, len(data))
                self._left -= end - at
                over = not self._left
                self._parser.feed_data(data if end - at == len(data) else data[at:end])
            else:
                end = chunks.follow(data, at)
                over = chunks.over
                if chunks.shown > at:
                    self._parser.feed_data(data[at : chunks.shown])
                if over:
                    self._parser.feed_data(LAST)
        except HttpParserError:
            return self._break(incoming, at)
        # What llhttp takes for the body and its end, and what was found here, is one thing, or it is no body.
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
            self.deaf = True

    def _break(self, incoming: Message, at: int) -> int:
        self.deaf, self.incoming = True, None
        incoming.broken = Reason.MALFORMED_BODY
        return at

    def _refuse(self, bad: HeadError, raw: bytes) -> int:
        self.deaf = True
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
            message.waiting += size
            chunks = message.chunks
            if size < _SMALL and chunks and len(chunks[-1]) + size <= _SMALL:
                # A list of tiny pieces would cost many times their bytes.
                last = chunks[-1]
                if not isinstance(last, bytearray):
                    last = chunks[-1] = bytearray(last)
                last += data
            else:
                chunks.append(data)

    def on_message_complete(self) -> None:
        self._over = True
