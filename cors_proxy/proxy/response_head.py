"""The head of an upstream's response: its framing has one reading, or the client gets 502.

Stricter than llhttp (RFC 9112): one way to tell the body's length, no version but 1.0 and 1.1."""

from http import HTTPStatus
from typing import Final

from ..cors.names import HOP_BY_HOP
from ..cors.response import always_removed, looks_at
from .field_lines import (
    CHECKED,
    CONNECTION,
    CONTENT_LENGTH,
    DROP,
    FOLDED,
    GRANTED,
    KEEP,
    KEEP_ALIVE,
    REQUEST_ID,
    TRANSFER_CODING,
    UPGRADE,
    WEBSOCKET_ACCEPT,
    Fields,
    connection_options,
    content_length,
    keep_alive_seconds,
    split_lines,
    value_of,
    without,
)

_FIELDS: Final[dict[bytes, int]] = {
    **dict.fromkeys(HOP_BY_HOP, DROP),
    # A proxy's challenge is for its own client, which is this proxy (RFC 9110 11.7.1, 11.7.3).
    b"proxy-authenticate": DROP,
    b"proxy-authentication-info": DROP,
    b"connection": CONNECTION,
    b"keep-alive": KEEP_ALIVE,
    b"content-length": CONTENT_LENGTH,
    b"transfer-encoding": TRANSFER_CODING,
    b"upgrade": UPGRADE,
    b"sec-websocket-accept": WEBSOCKET_ACCEPT,
    b"x-request-id": REQUEST_ID,
}


def _other_kind(name: bytes) -> int:
    return GRANTED if always_removed(name) else CHECKED if looks_at(name) else KEEP


_SEEN: Final = Fields(_FIELDS, _other_kind)
# A reason phrase is HTAB, SP, VCHAR or obs-text (RFC 9112 4). The phrases that every server sends
# are found in a set, which is cheaper than a search for control characters.
_CONTROL: Final = bytes((*range(9), *range(10, 32), 127))
_PHRASES: Final = frozenset((b"", b" ", *(b" " + status.phrase.encode("ascii") for status in HTTPStatus)))
_STATUS: Final = {b" %d" % status: status for status in range(100, 600)}


class ResponseError(Exception):
    """Not a valid response head.  `detail` says why; it holds nothing of the head."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class ResponseHead:
    """A valid response head of an upstream."""

    __slots__ = (
        "accept",
        "checked",
        "chunked",
        "close",
        "has_request_id",
        "judged_at",
        "keep_alive",
        "kept",
        "length",
        "line",
        "raw",
        "status",
        "upgrade",
    )

    def __init__(self, status: int, line: bytes, raw: list[bytes]) -> None:
        self.status = status
        self.line = line  # the status line after the version: ` 200 OK`
        self.raw = raw  # all field lines
        self.length = -1  # Content-Length; -1: none
        self.chunked = False
        self.close = False  # the connection carries no other response
        self.keep_alive = -1  # seconds that an idle connection is kept; -1: it does not say
        self.upgrade: bytes | None = None
        self.accept: bytes | None = None  # Sec-WebSocket-Accept
        self.has_request_id = False
        self.kept: list[bytes] = []  # the lines that are forwarded, as they came
        self.judged_at: list[int] = []  # where those of them stand that `response.rewrite` looks at
        self.checked = False  # some of those are not the API's own CORS headers: they may stay

    @property
    def judged(self) -> list[bytes]:
        """The lines that `response.rewrite` looks at."""
        return [self.kept[at] for at in self.judged_at]


def read_response(raw: bytes, head_only: bool) -> ResponseHead:
    """Checks a response head; raises ResponseError. `raw` ends in the empty line.

    `head_only`: it answers a HEAD request."""
    lines = split_lines(raw)
    if lines is None:
        raise ResponseError("a bare CR or LF in the head")
    first = lines.pop(0)
    version, status = first[:8], _STATUS.get(first[8:12])
    if version != b"HTTP/1.1" and version != b"HTTP/1.0":
        raise ResponseError("not HTTP/1.1 or HTTP/1.0")
    if status is None or (len(first) != 12 and first[12:13] != b" "):
        raise ResponseError("a status that is not a number from 100 to 599")
    phrase = first[12:]
    if phrase not in _PHRASES and phrase.translate(None, _CONTROL) != phrase:
        raise ResponseError("a control character in the reason phrase")
    head = ResponseHead(status, first[8:], lines)
    kept = head.kept
    ends = version == b"HTTP/1.0"  # a 1.0 server closes unless it says keep-alive (RFC 9112 9.3)
    nominated: set[bytes] | None = None
    field = _SEEN.first
    for line in lines:
        field = _SEEN.of(line, field)
        kind = field.kind
        if kind == KEEP:
            kept.append(line)
            continue
        if kind >= GRANTED:
            head.judged_at.append(len(kept))
            head.checked = head.checked or kind == CHECKED
            kept.append(line)
            continue
        value = value_of(line, field.colon)
        if kind == CONNECTION:
            options = connection_options(value)
            head.close = head.close or options.close
            ends = ends and not options.keep_alive
            if options.nominated:
                nominated = nominated or set()
                nominated.update(options.nominated)
        elif kind == CONTENT_LENGTH:
            if head.length >= 0:
                raise ResponseError("two Content-Length lines")
            head.length = content_length(value)
            if head.length < 0:
                raise ResponseError("a Content-Length that is not a plain number")
            if status != 204:  # RFC 9110 8.6: a 204 has no length
                kept.append(line)
        elif kind == TRANSFER_CODING:
            # RFC 9112 6.1 and 7: only chunked is understood here, and no coding exists in 1.0.
            if head.chunked:
                raise ResponseError("two Transfer-Encoding lines")
            if version == b"HTTP/1.0" or value.lower() != b"chunked":
                raise ResponseError("a Transfer-Encoding that is not chunked alone, in HTTP/1.1")
            head.chunked = True
        elif kind == UPGRADE:
            head.upgrade = value.lower() if head.upgrade is None else b""
        elif kind == WEBSOCKET_ACCEPT:
            head.accept = value
            kept.append(line)
        elif kind == REQUEST_ID:
            head.has_request_id = True
            kept.append(line)
        elif kind == KEEP_ALIVE:
            head.keep_alive = keep_alive_seconds(value)
        elif kind == FOLDED:
            raise ResponseError("a folded header line")
    if head.chunked and head.length >= 0:
        # RFC 9112 6.3: the length may be an attempt at response splitting.
        raise ResponseError("Content-Length beside Transfer-Encoding")
    # RFC 9110 8.6, RFC 9112 6.1: a 1xx has neither; to some readers a body would follow.
    if status < 200 and (head.chunked or head.length >= 0):
        raise ResponseError("an interim response (1xx) with a body")
    bodiless = head_only or status < 200 or status in (204, 304)  # RFC 9112 6.3
    # Without a length or coding, the body ends with the connection (RFC 9112 6.3).
    head.close = head.close or ends or (not bodiless and not head.chunked and head.length < 0)
    if nominated is not None:
        judged = set(without(head.judged, nominated))
        head.kept = without(kept, nominated)
        head.judged_at = [at for at, line in enumerate(head.kept) if line in judged]
    return head


def no_response(data: bytes) -> str:
    """What came instead of a response, in words of the proxy's own: it may hold anything."""
    if data[:1] in (b"\x15", b"\x16"):
        return "a TLS record: the upstream speaks TLS on this port, so write https://"
    return "no HTTP response"
