"""What a message head must be, on either side: framing that has one reading, and the lines that go on.

Strict on top of llhttp (RFC 9112): one Host, one way to tell a body's length, no version but 1.0 and 1.1."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from ..cors.decision import Line
from ..cors.hosts import valid as valid_host
from ..cors.reason import Reason
from ..cors.request import JUDGED

_KEEP: Final = 0
_HOST, _CONNECTION, _LENGTH, _CODING, _EXPECT, _UPGRADE, _DROP, _FORWARDED, _REQUEST_ID, _KEY, _VERSION, _AGENT, _JUDGED = range(1, 14)

# RFC 9110 7.6.1; `Proxy` is what CGI takes for HTTP_PROXY (httpoxy); HTTP2-Settings belongs to the h2c upgrade that is never made.
# Trailer announces what is dropped.
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
    b"http2-settings": _DROP,
    b"forwarded": _FORWARDED,
    b"x-forwarded-for": _FORWARDED,
    b"x-forwarded-proto": _FORWARDED,
    b"x-forwarded-host": _FORWARDED,
    b"x-forwarded-port": _FORWARDED,
    b"x-forwarded-prefix": _FORWARDED,
    b"x-forwarded-server": _FORWARDED,
    b"x-request-id": _REQUEST_ID,
    b"sec-websocket-key": _KEY,
    b"sec-websocket-version": _VERSION,
    b"user-agent": _AGENT,
}
for _name in JUDGED:
    _REQUEST.setdefault(_name, _JUDGED)
_RESPONSE: Final[dict[bytes, int]] = {
    b"connection": _CONNECTION,
    b"content-length": _LENGTH,
    b"transfer-encoding": _CODING,
    b"upgrade": _UPGRADE,
    b"keep-alive": _DROP,
    b"proxy-connection": _DROP,
    b"te": _DROP,
    b"trailer": _DROP,
    b"sec-websocket-accept": _KEY,
    b"x-request-id": _REQUEST_ID,
}
# Connection may name any field but those that make the message what it is.
_NEVER_NOMINATED: Final = frozenset((b"close", b"keep-alive", b"upgrade", b"host", b"content-length", b"transfer-encoding", b""))
# Clients name few hosts; a flood of others only turns the cache over.
_valid: Final = lru_cache(maxsize=1024)(valid_host)


class BadHead(Exception):
    """A head that is answered with an error at once, and with nothing of its own; the connection ends."""

    def __init__(self, status: int, reason: Reason) -> None:
        super().__init__(reason.value)
        self.status, self.reason = status, reason


class RequestHead:
    """A sound request head.  Of its lines, `judged` are those that the decision looks at, and `kept` those that go on (no hop-by-hop and
    forwarding fields)."""

    __slots__ = (
        "chunked", "close", "connection_upgrade", "expect", "forwarded", "host", "http10", "judged", "kept", "length", "method",
        "request_id", "socket_key", "socket_version", "target", "upgrade", "user_agent",
    )  # fmt: skip

    def __init__(self, method: bytes, target: bytes, http10: bool) -> None:
        self.method, self.target, self.http10 = method, target, http10
        self.host: bytes | None = None
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
        self.kept: list[Line] = []
        self.judged: list[Line] = []

    @property
    def has_body(self) -> bool:
        return self.length > 0 or self.chunked


def decimal(value: bytes) -> int:
    """Content-Length, `0|[1-9][0-9]*`, else -1: `010` is eight to some readers (RFC 9110 8.6)."""
    if value.isdigit() and len(value) < 19 and (value[0] != 48 or value == b"0"):
        return int(value)
    return -1


def _tokens(value: bytes) -> list[bytes]:
    return [token.strip(b" \t") for token in value.lower().split(b",")]


def read_request(method: bytes, target: bytes, version: str, lines: Sequence[Line]) -> RequestHead:
    """Checks a request's head and sorts its lines; raises BadHead."""
    if version != "1.1" and version != "1.0":
        raise BadHead(505, Reason.VERSION_NOT_SUPPORTED)
    head = RequestHead(method, target, version == "1.0")
    kept, judged = head.kept, head.judged
    nominated: set[bytes] | None = None
    for line in lines:
        kind = _REQUEST.get(line[0].lower(), _KEEP)
        if kind == _KEEP:
            kept.append(line)
            continue
        if kind == _JUDGED:
            kept.append(line)
            judged.append(line)
            continue
        value = line[1].strip(b" \t")
        if kind == _HOST:
            if head.host is not None:
                raise BadHead(400, Reason.MALFORMED_REQUEST)
            head.host = value
            kept.append(line)
            judged.append(line)
        elif kind == _CONNECTION:
            for token in _tokens(value):
                if token == b"close":
                    head.close = True
                elif token == b"keep-alive":
                    head.close = head.close and not head.http10
                elif token == b"upgrade":
                    head.connection_upgrade = True
                elif token not in _NEVER_NOMINATED:
                    nominated = nominated or set()
                    nominated.add(token)
        elif kind == _LENGTH:
            head.length = decimal(value)
            if head.length < 0:
                raise BadHead(400, Reason.MALFORMED_REQUEST)
            kept.append((line[0], value))
        elif kind == _CODING:
            # RFC 9112 6.1: chunked once, alone, and never in 1.0.
            if head.chunked or head.http10 or value.lower() != b"chunked":
                raise BadHead(400, Reason.MALFORMED_REQUEST)
            head.chunked = True
        elif kind == _EXPECT:
            head.expect = value.lower() if head.expect is None else b"repeated"
        elif kind == _UPGRADE:
            head.upgrade = value.lower()
            judged.append(line)
        elif kind == _FORWARDED:
            head.forwarded = head.forwarded or []
            head.forwarded.append(line)
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
    if head.chunked and head.length >= 0:
        raise BadHead(400, Reason.MALFORMED_REQUEST)
    if head.host is None or not _valid(head.host):
        raise BadHead(400, Reason.MALFORMED_REQUEST)
    # CONNECT would be a tunnel, TRACE an echo of cookies (cross-site tracing).
    if method == b"CONNECT" or method == b"TRACE":
        raise BadHead(405, Reason.METHOD_NOT_SUPPORTED)
    if target[:1] != b"/":
        raise BadHead(400, Reason.ASTERISK_FORM if target == b"*" and method == b"OPTIONS" else Reason.MALFORMED_REQUEST)
    if nominated:
        head.kept = [line for line in kept if line[0].lower() not in nominated]
    return head


class ResponseHead:
    """A sound response head of an upstream."""

    __slots__ = ("accept", "chunked", "close", "has_request_id", "kept", "length", "lines", "phrase", "status", "upgrade")

    def __init__(self, status: int, phrase: bytes, lines: list[Line]) -> None:
        self.status, self.phrase, self.lines = status, phrase, lines
        self.length = -1
        self.chunked = False
        self.close = False
        self.upgrade: bytes | None = None
        self.accept: bytes | None = None
        self.has_request_id = False
        self.kept: list[Line] = []


def read_response(status: int, phrase: bytes, version: str, lines: list[Line], bodiless: bool) -> ResponseHead | None:
    """Checks an upstream's response head; None where it is not one that can be passed on (502).  `bodiless`: HEAD, 1xx, 204, 304."""
    if not 100 <= status <= 599 or (version != "1.1" and version != "1.0"):
        return None
    head = ResponseHead(status, phrase, lines)
    head.close = version == "1.0"
    kept = head.kept
    nominated: set[bytes] | None = None
    for line in lines:
        kind = _RESPONSE.get(line[0].lower(), _KEEP)
        if kind == _KEEP:
            kept.append(line)
            continue
        value = line[1].strip(b" \t")
        if kind == _CONNECTION:
            for token in _tokens(value):
                if token == b"close":
                    head.close = True
                elif token == b"keep-alive":
                    head.close = False
                elif token not in _NEVER_NOMINATED:
                    nominated = nominated or set()
                    nominated.add(token)
        elif kind == _LENGTH:
            if head.length >= 0:
                return None
            head.length = decimal(value)
            if head.length < 0:
                return None
            if status >= 200 and status != 204:
                kept.append(line)
        elif kind == _CODING:
            if head.chunked or version == "1.0" or value.lower() != b"chunked":
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
    if head.chunked and head.length >= 0:
        return None
    if not bodiless and not head.chunked and head.length < 0:
        head.close = True
    if nominated:
        head.kept = [line for line in kept if line[0].lower() not in nominated]
    return head
