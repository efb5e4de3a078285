"""What a message head must be, on either side: framing that has one reading, and the lines that go on.

A head is taken whole, as the bytes that llhttp found sound, and its lines pass as they are: taking them apart one by one, only to put them
together again, was the dearest part of a request (ADR 6).  Strict on top of llhttp (RFC 9112): one Host, one way to tell a body's length,
no version but 1.0 and 1.1, and no line whose end two readers could see in two places."""

from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Final, NamedTuple

from ..cors.decision import Line
from ..cors.hosts import valid as valid_host
from ..cors.names import is_token
from ..cors.reason import Reason
from ..cors.request import JUDGED, JudgedHeaders, judge_headers
from ..cors.response import looks_at

_KEEP: Final = 0
_HOST, _CONNECTION, _LENGTH, _CODING, _EXPECT, _UPGRADE, _DROP = range(1, 8)
_FORWARDED, _REQUEST_ID, _KEY, _VERSION, _AGENT, _JUDGED, _FOLDED = range(8, 15)

# RFC 9110 7.6.1; `Proxy` is what CGI takes for HTTP_PROXY (httpoxy); HTTP2-Settings belongs to the h2c upgrade that is never made.
# Trailer announces what is dropped.  Credentials for a proxy end at it (RFC 9110 11.7.2).
_REQUEST: Final[dict[bytes, int]] = {
    b"host": _HOST,
    b"connection": _CONNECTION,
    b"content-length": _LENGTH,
    b"transfer-encoding": _CODING,
    b"expect": _EXPECT,
    b"upgrade": _UPGRADE,
    b"keep-alive": _DROP,
    b"proxy-connection": _DROP,
    b"te": _DROP,
    b"trailer": _DROP,
    b"proxy": _DROP,
    b"proxy-authorization": _DROP,
    b"http2-settings": _DROP,
    b"forwarded": _FORWARDED,
    b"x-forwarded-for": _FORWARDED,
    b"x-forwarded-proto": _FORWARDED,
    b"x-forwarded-host": _FORWARDED,
    b"x-forwarded-port": _FORWARDED,
    b"x-forwarded-prefix": _FORWARDED,
    b"x-forwarded-server": _FORWARDED,
    b"x-forwarded-by": _FORWARDED,
    b"x-forwarded-ssl": _FORWARDED,
    b"x-forwarded-scheme": _FORWARDED,
    b"x-forwarded-protocol": _FORWARDED,
    b"x-real-ip": _FORWARDED,
    b"x-request-id": _REQUEST_ID,
    b"sec-websocket-key": _KEY,
    b"sec-websocket-version": _VERSION,
    b"user-agent": _AGENT,
}
_RESPONSE: Final[dict[bytes, int]] = {
    b"connection": _CONNECTION,
    b"content-length": _LENGTH,
    b"transfer-encoding": _CODING,
    b"upgrade": _UPGRADE,
    b"keep-alive": _DROP,
    b"proxy-authenticate": _DROP,
    b"proxy-authentication-info": _DROP,
    b"proxy-connection": _DROP,
    b"te": _DROP,
    b"trailer": _DROP,
    b"sec-websocket-accept": _KEY,
    b"x-request-id": _REQUEST_ID,
}
# Connection may name any field but those that make the message what it is.
_NEVER_NOMINATED: Final = frozenset(
    (b"close", b"keep-alive", b"upgrade", b"host", b"content-length", b"transfer-encoding", b"")
)
# CGI, WSGI, PHP and Rack write `-` and `_` alike (PHP `.` too): a field that becomes one of these by it would be taken for it.
_TWIN: Final = bytes.maketrans(b"_.", b"--")
_WITHOUT_TWINS: Final = (JUDGED | frozenset(_REQUEST) | {b"sec-purpose"}) - {b"user-agent"}
# Clients name few hosts; a flood of others only turns the cache over.
_short_valid: Final = lru_cache(maxsize=1024)(valid_host)
_LINE_BYTES: Final = 1024  # of the request line of a head that is refused: the log shows less
_BLANK: Final = (b" ", b"\t")  # begins a line that continues another one (RFC 9112 5.2)
_CONTROL: Final = bytes((*range(9), *range(10, 32), 127))
_PHRASES: Final = frozenset((b"", b" ", *(b" " + status.phrase.encode("ascii") for status in HTTPStatus)))
_STATUS: Final = {b" %d" % status: status for status in range(100, 600)}


class _Kinds(dict[bytes, int]):
    """What kind of line a name makes, by the name as it was sent: its case has to be folded only when it is seen first."""

    def __init__(self, known: dict[bytes, int], other: Callable[[bytes], int]) -> None:
        super().__init__(known)
        self._known, self._other = known, other

    def __missing__(self, name: bytes) -> int:
        if name[:1] in _BLANK:
            return _FOLDED
        lower = name.lower()
        kind = self._known.get(lower)
        if kind is None:
            kind = self._other(lower)
        if len(name) <= _NAME_BYTES:
            if len(self) >= _NAMES:
                self.clear()
            self[name] = kind
        return kind


# Together they bound what clients can have remembered.
_NAMES: Final = 2048
_NAME_BYTES: Final = 64
_REQUEST_KINDS: Final = _Kinds(
    _REQUEST, lambda name: _JUDGED if name in JUDGED else _DROP if _is_twin(name) else _KEEP
)
_RESPONSE_KINDS: Final = _Kinds(_RESPONSE, lambda name: _JUDGED if looks_at(name) else _KEEP)


def _is_twin(name: bytes) -> bool:
    twin = name.translate(_TWIN)
    return twin != name and (twin in _WITHOUT_TWINS or twin.startswith(b"sec-fetch-"))


def _valid(host: bytes) -> bool:
    return _short_valid(host) if len(host) <= _NAME_BYTES else valid_host(host)


class HeadError(Exception):
    """A head that is answered with an error at once, and with nothing of its own; the connection ends.
    `detail` is from the code, or llhttp's own words; method and path, where they could be read, are for the log alone."""

    def __init__(self, status: int, reason: Reason, detail: str = "") -> None:
        super().__init__(reason.value)
        self.status, self.reason, self.detail = status, reason, detail
        self.method = self.path = b""

    def of(self, raw: bytes | bytearray) -> "HeadError":
        """Takes from a head, or from what has come of it, what a log may show: not the query, nor a name and password before a host."""
        words = bytes(raw[:_LINE_BYTES]).partition(b"\r")[0].partition(b"\n")[0].split(b" ", 2)
        if is_token(words[0]):
            self.method = words[0]
            target = words[1].partition(b"?")[0] if len(words) > 1 else b""
            _, absolute, rest = target.partition(b"://")
            self.path = (
                target
                if target[:1] == b"/" or target == b"*"
                else b"/" + rest.partition(b"/")[2]
                if absolute
                else b""
            )
        return self


def decimal(value: bytes) -> int:
    """Content-Length, `0|[1-9][0-9]*`, else -1: `010` is eight to some readers (RFC 9110 8.6)."""
    if value.isdigit() and len(value) < 19 and (value[0] != 48 or value == b"0"):
        return int(value)
    return -1


class _Options(NamedTuple):
    """What a Connection line says."""

    close: bool
    keep_alive: bool
    upgrade: bool
    nominated: frozenset[bytes]  # fields that end here


@lru_cache(maxsize=256)
def _short_options(value: bytes) -> _Options:
    tokens = frozenset([token.strip(b" \t") for token in value.lower().split(b",")])
    return _Options(
        b"close" in tokens, b"keep-alive" in tokens, b"upgrade" in tokens, tokens - _NEVER_NOMINATED
    )


def _options(value: bytes) -> _Options:
    return _short_options(value) if len(value) <= _NAME_BYTES else _short_options.__wrapped__(value)


def request_line(raw: bytes) -> tuple[bytes, bytes, bool]:
    """Method, target, and whether it is HTTP/1.0; raises HeadError."""
    words = raw.split(b" ")
    if len(words) != 3:
        words = [word for word in words if word]  # RFC 9112 3: several spaces may be read as one
    if len(words) != 3:
        raise HeadError(505, Reason.VERSION_NOT_SUPPORTED, "request line")  # HTTP/0.9 has no version
    method, target, version = words
    if version != b"HTTP/1.1" and version != b"HTTP/1.0":
        raise HeadError(505, Reason.VERSION_NOT_SUPPORTED, "version")
    # CONNECT would be a tunnel, TRACE an echo of cookies (cross-site tracing).
    if method == b"CONNECT" or method == b"TRACE":
        raise HeadError(405, Reason.METHOD_NOT_SUPPORTED, "method")
    if target[:1] != b"/":
        raise HeadError(
            400,
            Reason.ASTERISK_FORM if target == b"*" and method == b"OPTIONS" else Reason.MALFORMED_REQUEST,
            "target",
        )
    return method, target, version == b"HTTP/1.0"


def _lines(block: bytes) -> list[bytes] | None:
    """The lines of a head behind its first, which end in one empty line; None where their ends could be read in two ways."""
    lines = block.split(b"\r\n")
    # A bare CR or LF: llhttp refuses it too, but behind it two readers could see another line.
    if block.count(b"\n") != len(lines) - 1 or block.count(b"\r") != len(lines) - 1:
        return None
    del lines[-2:]
    return lines


class RequestHead:
    """What the header lines of a sound request say.  It has nothing of the request line: the next request on a connection often brings
    the same lines, byte for byte, and is then given the same head (what HPACK's table is for in HTTP/2)."""

    __slots__ = (
        "block", "chunked", "close", "connection_upgrade", "count", "expect", "forwarded", "host", "http10", "kept", "length", "prepared",
        "request_id", "judged", "socket_key", "socket_version", "upgrade", "user_agent",
    )  # fmt: skip

    def __init__(self, block: bytes, http10: bool) -> None:
        self.block, self.http10 = block, http10
        self.count = 0  # of lines
        self.host = b""
        self.length = -1  # Content-Length, -1: none
        self.chunked = False
        self.close = http10
        self.connection_upgrade = False
        self.expect: bytes | None = None
        self.upgrade: bytes | None = None
        self.forwarded: list[Line] | None = None
        self.request_id: bytes | None = None
        self.socket_key: bytes | None = None
        self.socket_version: bytes | None = None
        self.user_agent: bytes | None = None
        self.kept: list[bytes] = []  # the lines that go on, without Host: whole, as they came
        self.judged = JudgedHeaders()  # what is judged
        self.prepared: tuple[object, bytes] | None = (
            None  # `forwarding.request_head` keeps here what it made of the lines
        )

    @property
    def has_body(self) -> bool:
        return self.length > 0 or self.chunked


def read_request(block: bytes, http10: bool) -> RequestHead:
    """Checks and sorts the lines of a request's head; raises HeadError.

    `block` is all that follows the request line, with the empty line at the end."""
    lines = _lines(block)
    if lines is None:
        raise HeadError(400, Reason.MALFORMED_REQUEST, "line end")
    head = RequestHead(block, http10)
    head.count = len(lines)
    host: bytes | None = None
    kept, judged = head.kept, []
    nominated: set[bytes] = set()
    for line in lines:
        name, _, value = line.partition(b":")
        kind = _REQUEST_KINDS[name]
        if kind == _KEEP:
            kept.append(line)
            continue
        value = value.strip(b" \t")
        if kind == _JUDGED:
            kept.append(line)
            judged.append((name, value))
        elif kind == _HOST:
            if host is not None:
                raise HeadError(400, Reason.MALFORMED_REQUEST, "two Host lines")
            host = value
            judged.append((name, value))
        elif kind == _CONNECTION:
            options = _options(value)
            head.close = (head.close and not (http10 and options.keep_alive)) or options.close
            head.connection_upgrade = head.connection_upgrade or options.upgrade
            nominated.update(options.nominated)
        elif kind == _LENGTH:
            if head.length >= 0:
                raise HeadError(400, Reason.MALFORMED_REQUEST, "two lengths")
            head.length = decimal(value)
            if head.length < 0:
                raise HeadError(400, Reason.MALFORMED_REQUEST, "length")
            kept.append(b"%b: %b" % (name, value))  # some servers refuse it with white space behind
        elif kind == _CODING:
            # RFC 9112 6.1: chunked once, alone, and never in 1.0.
            if head.chunked or http10 or value.lower() != b"chunked":
                raise HeadError(400, Reason.MALFORMED_REQUEST, "coding")
            head.chunked = True
        elif kind == _EXPECT:
            if not http10:  # RFC 9110 10.1.1
                head.expect = value.lower() if head.expect is None else b"repeated"
        elif kind == _UPGRADE:
            head.upgrade = value.lower()
            judged.append((name, value))
        elif kind == _FORWARDED:
            head.forwarded = head.forwarded or []
            head.forwarded.append((name, value))
        elif kind == _REQUEST_ID:
            head.request_id = value if head.request_id is None else b""
        elif kind == _KEY:
            head.socket_key = value if head.socket_key is None else b""
            kept.append(line)
        elif kind == _VERSION:
            head.socket_version = value
            kept.append(line)
        elif kind == _AGENT:
            head.user_agent = value
            kept.append(line)
        elif kind == _FOLDED:
            raise HeadError(400, Reason.MALFORMED_REQUEST, "folded line")
    if head.chunked and head.length >= 0:
        raise HeadError(400, Reason.MALFORMED_REQUEST, "length and coding")
    if host is None or not _valid(host):
        raise HeadError(400, Reason.MALFORMED_REQUEST, "Host")
    head.host = host
    head.judged = judge_headers(judged)
    if nominated:
        head.kept = _without(kept, nominated)
    return head


def _without(lines: list[bytes], nominated: set[bytes]) -> list[bytes]:
    return [line for line in lines if line.partition(b":")[0].lower() not in nominated]


class ResponseHead:
    """A sound response head of an upstream."""

    __slots__ = (
        "accept",
        "chunked",
        "close",
        "has_request_id",
        "judged",
        "kept",
        "length",
        "line",
        "raw",
        "status",
        "upgrade",
    )

    def __init__(self, status: int, line: bytes, raw: list[bytes]) -> None:
        self.status = status
        self.line = line  # what stands behind the version: ` 200 OK`
        self.raw = raw  # all lines
        self.length = -1
        self.chunked = False
        self.close = False
        self.upgrade: bytes | None = None
        self.accept: bytes | None = None
        self.has_request_id = False
        self.kept: list[bytes] = []  # the lines that go on, whole, as they came
        self.judged: list[bytes] = []  # those of them that `response.rewrite` looks at


def read_response(raw: bytes, head_only: bool) -> ResponseHead | None:
    """Checks an upstream's response head, to its empty line; None where it is not one that can be passed on (502).
    `head_only`: it answers a HEAD."""
    end = raw.find(b"\r\n")
    version, status = raw[:8], _STATUS.get(raw[8:12])
    lines = _lines(raw[end + 2 :])
    if (
        lines is None
        or status is None
        or (version != b"HTTP/1.1" and version != b"HTTP/1.0")
        or (end != 12 and raw[12:13] != b" ")
    ):
        return None
    phrase = raw[12:end]
    if phrase not in _PHRASES and phrase.translate(None, _CONTROL) != phrase:
        return None  # RFC 9112 4: a reason phrase is text
    head = ResponseHead(status, raw[8:end], lines)
    kept = head.kept
    ended = version == b"HTTP/1.0"
    nominated: set[bytes] = set()
    for line in lines:
        name, _, value = line.partition(b":")
        kind = _RESPONSE_KINDS[name]
        if kind == _KEEP:
            kept.append(line)
            continue
        if kind == _JUDGED:
            kept.append(line)
            head.judged.append(line)
            continue
        value = value.strip(b" \t")
        if kind == _CONNECTION:
            options = _options(value)
            head.close = head.close or options.close
            ended = ended and not options.keep_alive
            nominated.update(options.nominated)
        elif kind == _LENGTH:
            if head.length >= 0:
                return None
            head.length = decimal(value)
            if head.length < 0:
                return None
            if status != 204:
                kept.append(line)
        elif kind == _CODING:
            if head.chunked or version == b"HTTP/1.0" or value.lower() != b"chunked":
                return None
            head.chunked = True
        elif kind == _UPGRADE:
            head.upgrade = value.lower() if head.upgrade is None else b""
        elif kind == _KEY:
            head.accept = value
            kept.append(line)
        elif kind == _REQUEST_ID:
            head.has_request_id = True
            kept.append(line)
        elif kind == _FOLDED:
            return None
    if head.chunked and head.length >= 0:
        return None
    if status < 200 and (head.chunked or head.length >= 0):
        return None  # RFC 9110 8.6, RFC 9112 6.1: to some readers a body would follow
    bodiless = head_only or status < 200 or status in (204, 304)
    head.close = head.close or ended or (not bodiless and not head.chunked and head.length < 0)
    if nominated:
        head.kept, head.judged = _without(kept, nominated), _without(head.judged, nominated)
    return head
