"""Reading requests from one client: bytes become messages, in order, within the policy's limits.

llhttp judges every byte; where a head ends, or a body, is seen here too, so that heads can be taken whole.  Whatever is no sound request
makes the reader deaf: not a byte behind it is ever taken for a request."""

from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from ..cors.reason import Reason
from .heads import BadHead, RequestHead, read_request, request_line

if TYPE_CHECKING:
    from .edge import Edge

_END: Final = b"\r\n\r\n"  # of a head, and of a chunked body
_REMEMBERED: Final = 4096  # bytes of a head that are kept, to know it again


class Message:
    """A request as it comes in: its head, and what has come of its body and is not passed on yet."""

    __slots__ = ("broken", "broken_status", "chunks", "complete", "head", "method", "received", "rest", "target", "waiting")

    def __init__(self, method: bytes, target: bytes, head: RequestHead) -> None:
        self.method, self.target, self.head = method, target, head
        self.chunks: list[bytes] = []
        self.waiting = 0  # bytes in chunks
        self.received = 0  # bytes of the body so far
        self.complete = False
        self.broken: Reason | None = None  # the body is malformed, stalled …
        self.broken_status = 400
        self.rest: bytes | None = None  # what came behind a WebSocket handshake: no request is ever read from it


class Intake:
    """What is read and not judged yet is in `queue`; `incoming` is the message whose body is coming.

    No head is read before the message in front of it is taken: what a client sends ahead stays bytes."""

    def __init__(self, edge: "Edge") -> None:
        self._edge = edge
        self._parser = HttpRequestParser(self)
        self.queue: deque[Message | BadHead] = deque()
        self.incoming: Message | None = None
        self.deaf = False
        self.begun = 0.0  # when the first byte of a head came that is not whole yet; 0: none has
        self._head = b""  # what has come of it
        self._unread = b""  # what came behind a message that waits
        self._whole = self._over = False  # llhttp's: a head, a message
        self._last: RequestHead | None = None
        self._last_preflight: RequestHead | None = None
        self._left = 0  # bytes of a body by Content-Length
        self._tail = b""  # the last bytes of a chunked body so far
        self._silent_bytes = 0

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
            self.read(b"")
        return bool(self.queue)

    def read(self, data: bytes) -> None:
        """Takes one segment, up to the end of the first message in it that nobody has taken."""
        if self._unread:
            data = self._unread + data
            self._unread = b""
        while data and not self.deaf:
            incoming = self.incoming
            if incoming is not None:
                data = self._read_body(incoming, data)
            elif self.queue:
                self._unread = data
                break
            else:
                data = self._read_head(data)

    def _read_head(self, data: bytes) -> bytes:
        """One head, or what has come of it; what is behind it."""
        before = len(self._head)
        if before:
            raw = self._head + data
        else:
            if data[0] == 13 or data[0] == 10:
                data = data.lstrip(b"\r\n")  # RFC 9112 2.2: empty lines before a request
                if not data:
                    return b""
            raw = data
        known = self._known(raw)
        rest = b""
        if known is not None:
            whole = True
        else:
            end = raw.find(_END, max(0, before - 3)) + 4
            whole = end >= 4
            if whole and end < len(raw):
                raw, data, rest = raw[:end], data[: end - before], data[end - before :]
                known = self._known(raw)
        if len(raw) > self._edge.header_bytes:
            return self._refuse(BadHead(431, Reason.HEAD_TOO_LARGE))
        upgraded = False
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            upgraded = True  # llhttp stops behind the head, and drops a body from sight
        except HttpParserError:
            return self._refuse(BadHead(400, Reason.MALFORMED_REQUEST))
        # Where llhttp sees the end of a head, and where it was found here, is one place, or it is no head.
        if self._whole is not whole:
            return self._refuse(BadHead(400, Reason.MALFORMED_REQUEST))
        if not whole:
            self._head = raw
            self.begun = self.begun or monotonic()
            return b""
        self._whole = False
        self._head = b""
        try:
            message = self._message(raw, known)
        except BadHead as bad:
            return self._refuse(bad)
        self.begun = 0.0
        self.queue.append(message)
        if upgraded and self._upgrade(message, rest):
            return b""
        if self._over:
            self._complete(message)
        else:
            self.incoming, self._left = message, message.head.length
        return rest

    def _known(self, raw: bytes) -> RequestHead | None:
        """A head whose lines are all that is behind the request line, byte for byte: then they end where it ends."""
        size = len(raw) - raw.find(b"\r\n") - 2
        for head in (self._last, self._last_preflight):
            if head is not None and len(head.block) == size and raw.endswith(head.block):
                return head
        return None

    def _message(self, raw: bytes, head: RequestHead | None) -> Message:
        """`head`: if it is known.  Raises BadHead."""
        end = raw.find(b"\r\n")
        method, target, http10 = request_line(raw[:end])
        if head is None or head.http10 is not http10:
            block = raw[end + 2 :]
            head = read_request(block, http10)
            if len(block) <= _REMEMBERED:
                if method == b"OPTIONS":
                    self._last_preflight = head
                else:
                    self._last = head
        if head.count > self._edge.header_count:
            raise BadHead(431, Reason.HEAD_TOO_LARGE)
        return Message(method, target, head)

    def _upgrade(self, message: Message, rest: bytes) -> bool:
        """A request with an Upgrade.  True: nothing behind it is ever a request."""
        head = message.head
        if head.upgrade is not None and b"websocket" in head.upgrade:
            message.complete = self.deaf = True
            message.rest = rest
            return True
        if head.has_body:
            # Read on as if there had been no Upgrade: the same framing, on a parser that has not seen it.
            framing = b"Transfer-Encoding: chunked" if head.chunked else b"Content-Length: %d" % head.length
            self._parser = HttpRequestParser(self)
            self._parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + _END)
            self._whole = self._over = False
        return False

    def _read_body(self, incoming: Message, data: bytes) -> bytes:
        """A piece of a body that ends where the body may end; what is behind it."""
        if incoming.head.chunked:
            # The end of a chunked body is one of these: last chunk, trailers if any, empty line.
            piece = data[: self._chunked_piece(data)]
            self._tail = (self._tail + piece)[-3:] if len(piece) < 3 else piece[-3:]
        else:
            piece = data[: self._left]
            self._left -= len(piece)
        before = incoming.received
        try:
            self._parser.feed_data(piece)
        except HttpParserError:
            self.deaf, self.incoming = True, None
            incoming.broken = Reason.MALFORMED_BODY
            return b""
        if self._over:
            self._complete(incoming)
        elif incoming.received == before:
            self._count_silence(incoming, len(piece))
        else:
            self._silent_bytes = 0
        return data[len(piece) :]

    def _chunked_piece(self, data: bytes) -> int:
        """The length of what can be read at once: up to the first place where a chunked body could end."""
        if self._tail:
            at = (self._tail + data[:3]).find(_END)
            if at >= 0:
                return at + 4 - len(self._tail)
        at = data.find(_END)
        return len(data) if at < 0 else at + 4

    def _complete(self, message: Message) -> None:
        message.complete = True
        self.incoming = None
        self._over = False
        self._tail = b""
        self._silent_bytes = 0
        if message.head.close:
            self.deaf = True

    def _refuse(self, bad: BadHead) -> bytes:
        self.deaf = True
        self.queue.append(bad)
        return b""

    def _count_silence(self, incoming: Message, size: int) -> None:
        """Bytes of a body's framing that bring no body (chunk extensions, trailers) are bounded like a head."""
        self._silent_bytes += size
        if self._silent_bytes > self._edge.header_bytes:
            self.deaf, self.incoming = True, None
            incoming.broken = Reason.MALFORMED_BODY

    # llhttp

    def on_headers_complete(self) -> None:
        self._whole = True

    def on_body(self, data: bytes) -> None:
        message = self.incoming
        if message is not None:
            size = len(data)
            message.received += size
            message.waiting += size
            message.chunks.append(data)

    def on_message_complete(self) -> None:
        self._over = True
