"""The head of a client's request: its framing has one reading, or the request is refused.

Stricter than llhttp (RFC 9112): one Host, one way to tell the length of the body, no version but
1.0 and 1.1, and no line whose end two readers could see in two places."""

from typing import Final

from ..cors.decision import Line
from ..cors.hosts import valid as valid_host
from ..cors.names import HOP_BY_HOP, is_token
from ..cors.reason import Reason
from ..cors.request import FIELDS as JUDGED_FIELDS
from ..cors.request import HOST as HOST_FIELD
from ..cors.request import UPGRADE as UPGRADE_FIELD
from ..cors.request import JudgedHeaders, JudgedReader
from .field_lines import (
    CONNECTION,
    CONTENT_LENGTH,
    DROP,
    EXPECT,
    FOLDED,
    FORWARDED,
    HOST,
    JUDGED,
    KEEP,
    REQUEST_ID,
    SHORT,
    TRACEPARENT,
    TRACESTATE,
    TRANSFER_CODING,
    UPGRADE,
    USER_AGENT,
    WEBSOCKET_KEY,
    WEBSOCKET_VERSION,
    Fields,
    connection_options,
    content_length,
    split_lines,
    value_of,
    without,
)

_FIELDS: Final[dict[bytes, int]] = {
    **dict.fromkeys(HOP_BY_HOP, DROP),
    # CGI makes `Proxy` the variable HTTP_PROXY, which HTTP clients read (httpoxy, CVE-2016-5385).
    b"proxy": DROP,
    # Credentials for a proxy end at the proxy (RFC 9110 11.7.2).
    b"proxy-authorization": DROP,
    # Part of the upgrade to h2c, which this proxy never makes (deprecated by RFC 9113 3.1).
    b"http2-settings": DROP,
    b"host": HOST,
    b"connection": CONNECTION,
    b"content-length": CONTENT_LENGTH,
    b"transfer-encoding": TRANSFER_CODING,
    b"expect": EXPECT,
    b"upgrade": UPGRADE,
    # RFC 7239, and the older fields that describe the client's connection.
    b"forwarded": FORWARDED,
    b"x-forwarded-for": FORWARDED,
    b"x-forwarded-proto": FORWARDED,
    b"x-forwarded-host": FORWARDED,
    b"x-forwarded-port": FORWARDED,
    b"x-forwarded-prefix": FORWARDED,
    b"x-forwarded-server": FORWARDED,
    b"x-forwarded-by": FORWARDED,
    b"x-forwarded-ssl": FORWARDED,
    b"x-forwarded-scheme": FORWARDED,
    b"x-forwarded-protocol": FORWARDED,
    b"x-real-ip": FORWARDED,
    b"x-request-id": REQUEST_ID,
    b"sec-websocket-key": WEBSOCKET_KEY,
    b"sec-websocket-version": WEBSOCKET_VERSION,
    b"user-agent": USER_AGENT,
    b"traceparent": TRACEPARENT,
    b"tracestate": TRACESTATE,
}
# CGI (RFC 3875 4.1.18), WSGI and Rack write `-` and `_` alike, PHP `.` too. A field whose name
# becomes one of these would be taken for it, after the proxy judged or replaced the real one.
_TO_HYPHENS: Final = bytes.maketrans(b"_.", b"--")
_WITHOUT_TWINS: Final = (frozenset(JUDGED_FIELDS) | frozenset(_FIELDS)) - {b"user-agent"}
_NOTHING_JUDGED: Final = JudgedHeaders()
_MAX_LOGGED: Final = 1024  # bytes of the request line of a refused head: the log shows less
# Clients name few hosts; a flood of others only replaces what is remembered.
_MAX_HOSTS: Final = 1024
_valid: Final[dict[bytes, bool]] = {}


def _is_twin(name: bytes) -> bool:
    twin = name.translate(_TO_HYPHENS)
    return twin != name and twin in _WITHOUT_TWINS


def _other_kind(name: bytes) -> int:
    field = JUDGED_FIELDS.get(name)
    if field is not None:
        return JUDGED + field
    return DROP if _is_twin(name) else KEEP


_SEEN: Final = Fields(_FIELDS, _other_kind)


def is_host(host: bytes) -> bool:
    """Whether it is a valid Host; short ones are remembered."""
    if len(host) > SHORT:
        return valid_host(host)
    known = _valid.get(host)
    if known is None:
        if len(_valid) >= _MAX_HOSTS:
            _valid.clear()
        known = _valid[host] = valid_host(host)
    return known


class HeadError(Exception):
    """A refused head: it is answered with an error, and the connection ends.

    The answer holds nothing of the head. `detail` is a text of this code or of llhttp. `method` and
    `path` are for the log alone."""

    def __init__(self, status: int, reason: Reason, detail: str = "") -> None:
        super().__init__(reason.value)
        self.status, self.reason, self.detail = status, reason, detail
        self.method = self.path = b""

    def of(self, raw: bytes | bytearray) -> "HeadError":
        """Takes the method and path for the log from a head, or from the part of it that came.

        Not the query, nor a name and password in front of a host: they may hold secrets."""
        words = bytes(raw[:_MAX_LOGGED]).partition(b"\r")[0].partition(b"\n")[0].split(b" ", 2)
        if is_token(words[0]):
            self.method = words[0]
            target = words[1].partition(b"?")[0] if len(words) > 1 else b""
            _, absolute, rest = target.partition(b"://")
            if target[:1] == b"/" or target == b"*":
                self.path = target
            elif absolute:
                self.path = b"/" + rest.partition(b"/")[2]
        return self


def request_line(raw: bytes) -> tuple[bytes, bytes, bool]:
    """Method, target, and whether it is HTTP/1.0; raises HeadError."""
    words = raw.split(b" ")
    if len(words) != 3:
        words = [word for word in words if word]  # RFC 9112 3: several spaces may be read as one
    if len(words) != 3:
        raise HeadError(505, Reason.VERSION_NOT_SUPPORTED, "a request line without a version")  # HTTP/0.9
    method, target, version = words
    if version != b"HTTP/1.1" and version != b"HTTP/1.0":
        raise HeadError(505, Reason.VERSION_NOT_SUPPORTED, "not HTTP/1.1 or HTTP/1.0")
    # CONNECT asks for a tunnel, TRACE sends cookies back in the body (RFC 9110 9.3.6 and 9.3.8).
    if method == b"CONNECT" or method == b"TRACE":
        raise HeadError(405, Reason.METHOD_NOT_SUPPORTED, "CONNECT or TRACE")
    # Only the origin form: an absolute form would name a second host beside Host (RFC 9112 3.2.2).
    if target[:1] != b"/":
        raise HeadError(
            400,
            Reason.ASTERISK_FORM if target == b"*" and method == b"OPTIONS" else Reason.MALFORMED_REQUEST,
            "a target that is not a path",
        )
    return method, target, version == b"HTTP/1.0"


class RequestHead:
    """What the field lines of a valid request say. It holds nothing of the request line.

    The next request on a connection often brings the same lines, byte for byte, and then gets the
    same head: the saving that HPACK's dynamic table is for in HTTP/2."""

    __slots__ = (
        "asked",
        "block",
        "chunked",
        "close",
        "connection_upgrade",
        "count",
        "expect",
        "forwarded",
        "host",
        "http10",
        "judged",
        "kept",
        "length",
        "prepared",
        "request_id",
        "socket_key",
        "socket_version",
        "traceparent",
        "tracestate",
        "upgrade",
        "user_agent",
    )

    def __init__(self, block: bytes, http10: bool) -> None:
        self.block, self.http10 = block, http10
        self.count = 0  # of lines
        self.host = b""
        self.length = -1  # Content-Length; -1: none
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
        self.traceparent: bytes | None = None  # b"" if repeated
        self.tracestate: list[bytes] | None = None
        self.kept: list[bytes] = []  # the lines that are forwarded, as they came; without Host
        self.judged = _NOTHING_JUDGED
        # What `forwarding.request_head` made of the lines, and for which settings.
        self.prepared: tuple[object, bytes] | None = None
        # What `ask_head.asked` made of them, and for which settings.
        self.asked: tuple[object, object] | None = None

    @property
    def has_body(self) -> bool:
        return self.length > 0 or self.chunked


def read_request(block: bytes, http10: bool) -> RequestHead:
    """Checks and sorts the field lines of a request; raises HeadError.

    `block` is all that follows the request line, up to and with the empty line."""
    lines = split_lines(block)
    if lines is None:
        raise HeadError(400, Reason.MALFORMED_REQUEST, "a bare CR or LF in the head")
    head = RequestHead(block, http10)
    head.count = len(lines)
    host: bytes | None = None
    kept, judged = head.kept, JudgedReader()
    nominated: set[bytes] | None = None
    field = _SEEN.first
    for line in lines:
        field = _SEEN.of(line, field)
        kind = field.kind
        if kind == KEEP:
            kept.append(line)
            continue
        value = value_of(line, field.colon)
        if kind >= JUDGED:
            kept.append(line)
            judged.add(kind - JUDGED, value)
        elif kind == HOST:
            if host is not None:  # RFC 9112 3.2
                raise HeadError(400, Reason.MALFORMED_REQUEST, "two Host lines")
            host = value
            judged.add(HOST_FIELD, value)
        elif kind == CONNECTION:
            options = connection_options(value)
            # RFC 9112 9.3: `close` wins over `keep-alive`, which only 1.0 needs.
            head.close = (head.close and not (http10 and options.keep_alive)) or options.close
            head.connection_upgrade = head.connection_upgrade or options.upgrade
            if options.nominated:
                nominated = nominated or set()
                nominated.update(options.nominated)
        elif kind == CONTENT_LENGTH:
            if head.length >= 0:
                raise HeadError(400, Reason.MALFORMED_REQUEST, "two Content-Length lines")
            head.length = content_length(value)
            if head.length < 0:
                raise HeadError(400, Reason.MALFORMED_REQUEST, "a Content-Length that is not a plain number")
            # Written anew: some servers refuse white space after the digits.
            kept.append(b"".join((line[: field.colon], b": ", value)))
        elif kind == TRANSFER_CODING:
            # RFC 9112 6.1: chunked once, alone, and never in 1.0.
            if head.chunked or http10 or value.lower() != b"chunked":
                detail = "a Transfer-Encoding that is not chunked, once and alone, in HTTP/1.1"
                raise HeadError(400, Reason.MALFORMED_REQUEST, detail)
            head.chunked = True
        elif kind == EXPECT:
            if not http10:  # RFC 9110 10.1.1
                head.expect = value.lower() if head.expect is None else b"repeated"
        elif kind == UPGRADE:
            head.upgrade = value.lower()
            judged.add(UPGRADE_FIELD, value)
        elif kind == FORWARDED:
            head.forwarded = head.forwarded or []
            head.forwarded.append((line[: field.colon], value))
        elif kind == REQUEST_ID:
            head.request_id = value if head.request_id is None else b""
        elif kind == WEBSOCKET_KEY:
            head.socket_key = value if head.socket_key is None else b""
            kept.append(line)
        elif kind == WEBSOCKET_VERSION:
            head.socket_version = value
            kept.append(line)
        elif kind == USER_AGENT:
            head.user_agent = value
            kept.append(line)
        elif kind == TRACEPARENT:
            # Several are none: W3C Trace Context 3.2.
            head.traceparent = value if head.traceparent is None else b""
            kept.append(line)
        elif kind == TRACESTATE:
            head.tracestate = head.tracestate or []
            head.tracestate.append(value)
            kept.append(line)
        elif kind == FOLDED:
            raise HeadError(400, Reason.MALFORMED_REQUEST, "a folded header line")
    # RFC 9112 6.1: a length beside a coding is how requests are smuggled.
    if head.chunked and head.length >= 0:
        raise HeadError(400, Reason.MALFORMED_REQUEST, "Content-Length beside Transfer-Encoding")
    if host is None or not is_host(host):
        detail = "no Host line" if host is None else "an invalid Host"
        raise HeadError(400, Reason.MALFORMED_REQUEST, detail)
    head.host = host
    head.judged = judged.headers()
    if nominated is not None:
        head.kept = without(kept, nominated)
    return head
