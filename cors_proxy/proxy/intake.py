"""Reading requests from one client: llhttp's events become messages, in order, within the policy's limits.

Whatever is no sound request makes the reader deaf: not a byte behind it is ever taken for a request."""

from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from ..cors.decision import Line
from ..cors.reason import Reason
from .heads import BadHead, RequestHead, read_request

if TYPE_CHECKING:
    from .edge import Edge

_UNKNOWN: Final = 1 << 62


class Message:
    """A request as it comes in: its head, and what has come of its body and is not passed on yet."""

    __slots__ = ("broken", "broken_status", "chunks", "complete", "head", "received", "rest", "waiting")

    def __init__(self, head: RequestHead) -> None:
        self.head = head
        self.chunks: list[bytes] = []
        self.waiting = 0  # bytes in chunks
        self.received = 0  # bytes of the body so far
        self.complete = False
        self.broken: Reason | None = None  # the body is malformed, stalled …
        self.broken_status = 400
        self.rest: bytes | None = None  # what came behind a WebSocket handshake: no request is ever read from it


class Intake:
    """What is read and not judged yet is in `queue`; `incoming` is the message whose body is coming."""

    def __init__(self, edge: "Edge") -> None:
        self._edge = edge
        self._parser = HttpRequestParser(self)
        self.queue: deque[Message | BadHead] = deque()
        self.incoming: Message | None = None
        self.deaf = False
        self._most = 0  # bytes that the head at hand can have at the most
        self.begun = 0.0  # when the first byte of a head came that is not whole yet; 0: none has
        self._begin_head()

    def _begin_head(self) -> None:
        self._target = b""
        self._lines: list[Line] = []
        self._head_bytes = 0
        self._silent_bytes = 0

    def stop(self) -> None:
        """Nothing more is read, and what waits is dropped."""
        self.deaf = True
        self.queue.clear()

    def read(self, data: bytes) -> None:
        """Takes one segment; what was whole in it stands in `queue` afterwards, and an error behind that."""
        incoming, begun = self.incoming, self.begun
        before = incoming.received if incoming is not None else 0
        self._most = len(data) if not begun else _UNKNOWN
        self._feed(data)
        if incoming is not None and self.incoming is incoming:
            self._count_silence(incoming, before, len(data))
        elif begun and self.begun == begun:
            self._count_head(len(data))

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as pause:
            self._upgrade(data[pause.args[0] :])
        except HttpParserError:
            self._malformed()

    def _upgrade(self, rest: bytes) -> None:
        """llhttp stops behind a request with an Upgrade (and drops its body from sight)."""
        last = self.queue[-1] if self.queue else None
        if not isinstance(last, Message):
            return
        head = last.head
        if head.upgrade is not None and b"websocket" in head.upgrade:
            last.rest = rest
            self.deaf = True
            return
        if head.has_body:
            # Read on as if there had been no Upgrade: the same framing, on a parser that has not seen it.
            last.complete = self.deaf = False
            framing = b"Transfer-Encoding: chunked" if head.chunked else b"Content-Length: %d" % head.length
            self._parser = HttpRequestParser(self)
            self.incoming = last
            self._parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n\r\n")
        if rest and not self.deaf:
            self._feed(rest)

    def _malformed(self) -> None:
        if self.deaf:
            return
        self.deaf = True
        incoming = self.incoming
        if incoming is not None:
            incoming.broken, self.incoming = Reason.MALFORMED_BODY, None
        else:
            self.queue.append(BadHead(400, Reason.MALFORMED_REQUEST))

    def _count_head(self, size: int) -> None:
        """A head that is not whole yet: the segments after its first are all its own.  When it is whole it is counted to the byte."""
        self._head_bytes += size
        if self._head_bytes > self._edge.policy.server.limits.header_bytes and not self.deaf:
            self.deaf = True
            self.queue.append(BadHead(431, Reason.HEAD_TOO_LARGE))

    def _count_silence(self, incoming: Message, before: int, size: int) -> None:
        """Bytes of a body's framing that bring no body (chunk extensions, trailers) are bounded like a head."""
        if incoming.received > before:
            self._silent_bytes = 0
            return
        self._silent_bytes += size
        if self._silent_bytes > self._edge.policy.server.limits.header_bytes:
            self.deaf, self.incoming = True, None
            incoming.broken = Reason.MALFORMED_BODY

    def on_message_begin(self) -> None:
        if self.incoming is None and not self.deaf:
            self._begin_head()
            self.begun = monotonic()

    def on_url(self, part: bytes) -> None:
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.incoming is None:
            self._lines.append((name, value))

    def on_headers_complete(self) -> None:
        if self.deaf or self.incoming is not None:
            return
        limits, lines = self._edge.policy.server.limits, self._lines
        size = self._most
        if size > limits.header_bytes:
            # It began in an earlier segment, or shares this one with others: it is counted to the byte.
            size = len(self._target) + 16 + sum(len(name) + len(value) + 4 for name, value in lines)
        try:
            if size > limits.header_bytes or len(lines) > limits.header_count:
                raise BadHead(431, Reason.HEAD_TOO_LARGE)
            head = read_request(self._parser.get_method(), self._target, self._parser.get_http_version(), lines)
        except BadHead as bad:
            self.deaf = True
            self.queue.append(bad)
            return
        self.begun = 0.0
        self.incoming = message = Message(head)
        self.queue.append(message)

    def on_body(self, data: bytes) -> None:
        message = self.incoming
        if message is not None:
            size = len(data)
            message.received += size
            message.waiting += size
            message.chunks.append(data)

    def on_message_complete(self) -> None:
        if self.incoming is not None:
            self.incoming.complete = True
            if self.incoming.head.close:
                self.deaf = True
            self.incoming = None
