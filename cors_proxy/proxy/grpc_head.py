"""The request that an ask of Envoy is about: a list of headers, read as strictly as the head of a
request over HTTP/1.1."""

from collections.abc import Iterable
from typing import Final

from ..cors.decision import Line
from ..cors.names import is_token
from ..cors.reason import Reason
from ..cors.request import ONCE
from .ask_head import Asked, body_of, check, scheme_of
from .request_head import HeadError, RequestHead, read_request
from .request_reader import HeadLimits

# Envoy frames the message, and has read what is for its own connection.
_LEFT_OUT: Final = frozenset(
    b"connection content-length expect keep-alive proxy-connection te trailer transfer-encoding".split()
)
_FRAMING: Final = frozenset((b"content-length", b"transfer-encoding"))
# Envoy joins the lines of these with a comma: two lines of a client arrive as one.  A client that sends
# a list in one line puts a space behind the comma, or gets 400 instead of 403.
JOINED: Final = frozenset((b"origin", b"access-control-request-method"))
# Upgrade is a list anyway (RFC 9110 7.8).
JOINED_IN_MAP: Final = ONCE - {b"upgrade"}
_LINE_ENDS: Final = b"\0\r\n"


def asked(
    lines: Iterable[Line], limits: HeadLimits, joined: frozenset[bytes] = JOINED
) -> tuple[Asked, RequestHead]:
    """The request, and all of its head.  Raises HeadError; its reason is ASK_MALFORMED if the engine
    is at fault and not its client.  `joined`: names of which lines may have been joined."""
    pseudo: dict[bytes, bytes] = {}
    block: list[bytes] = []
    framing = b""
    size = count = 0
    for name, value in lines:
        size += len(name) + len(value) + 4
        count += 1
        if name[:1] == b":":
            if name in pseudo:
                raise HeadError(400, Reason.ASK_MALFORMED, "a repeated pseudo-header")
            pseudo[name] = value
            continue
        lower = name.lower()
        if lower in _LEFT_OUT:
            if lower in _FRAMING:
                framing = value
            continue
        if not is_token(name) or value.translate(None, _LINE_ENDS) != value:
            raise HeadError(400, Reason.MALFORMED_REQUEST, "a header with the end of a line in it")
        for part in _parts(value) if lower in joined else (value,):
            block.append(b"%b: %b\r\n" % (name, part))
    method, target, host = (pseudo.get(name, b"") for name in (b":method", b":path", b":authority"))
    if method == b"CONNECT":
        # It has no :path (RFC 9113 8.5).
        raise HeadError(405, Reason.METHOD_NOT_SUPPORTED, "CONNECT").of(b"CONNECT " + host)
    if not method or not target:
        raise HeadError(400, Reason.ASK_MALFORMED, "an ask without :method or :path")
    if any(value.translate(None, _LINE_ENDS) != value for value in (method, target, host)):
        raise HeadError(400, Reason.ASK_MALFORMED, "a pseudo-header with the end of a line in it")
    if size > limits.header_bytes or count > limits.header_count + len(pseudo):
        raise HeadError(431, Reason.HEAD_TOO_LARGE, "more bytes or lines than server.limits allow").of(
            b"%b %b" % (method, target)
        )
    check(method, target, host)
    try:
        head = read_request(b"Host: %b\r\n%b\r\n" % (host, b"".join(block)), False)
    except HeadError as bad:
        raise bad.of(b"%b %b" % (method, target)) from None
    scheme = "https" if pseudo.get(b":scheme") == b"https" else "http"
    return Asked(method, target, scheme_of(head, scheme), head.judged, body_of(framing)), head


def _parts(value: bytes) -> list[bytes]:
    found: list[bytes] = []
    for part in value.split(b","):
        if found and part[:1] in (b" ", b"\t"):
            found[-1] = b"%b,%b" % (found[-1], part)
        else:
            found.append(part)
    return found
