"""The request that an ask is about.

In the dialect `mirror` it is the ask itself.  In `forwarded` the engine describes it in headers.  What
they say is read as strictly as the head of a request."""

from typing import Final, NamedTuple, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from ..cors.names import CARRIED
from ..cors.reason import Reason
from ..cors.request import JudgedHeaders
from ..policy.model import Decide
from .field_lines import parser_words
from .request_head import HeadError, RequestHead, is_host, request_line
from .request_reader import Message

# The beginnings of the lines with method, target and Host.  X-Original-* have no name for the last.
_BELIEVED: Final[dict[str, tuple[bytes, bytes, bytes]]] = {
    "x-forwarded": (b"\r\nx-forwarded-method:", b"\r\nx-forwarded-uri:", b"\r\nx-forwarded-host:"),
    "x-original": (b"\r\nx-original-method:", b"\r\nx-original-uri:", b"\r\nhost:"),
}
# Targets of these bytes need no parser.  `#` is not among them.
_PLAIN: Final = bytes(byte for byte in range(0x21, 0x7F) if byte != 0x23)
_PROTO: Final = b"x-forwarded-proto"
# An ask has no body, so the engine says here what it has of the client's framing.
_BODY: Final = b"\r\ncors-proxy-body:"


class Asked(NamedTuple):
    """The client's request.  `scheme` is for the log alone: no decision depends on it.

    `body` is its length, and UNKNOWN_LENGTH for one in chunks."""

    method: bytes
    target: bytes
    scheme: str
    judged: JudgedHeaders
    body: int


UNKNOWN_LENGTH: Final = -1


def body_of(framing: bytes) -> int:
    """Of Content-Length or Transfer-Encoding.  Digits beyond any limit are not read as a number."""
    if framing.isdigit():
        return int(framing[:19])
    return UNKNOWN_LENGTH if framing else 0


def asked(decide: Decide, message: Message, scheme: str) -> Asked:
    """Raises HeadError; its reason is ASK_MALFORMED if the engine is at fault and not its client."""
    head = message.head
    if decide.dialect == "mirror":
        body = _body(head.block, b"\r\n" + head.block.lower())
        return Asked(message.method, message.target, scheme_of(head, scheme), head.judged, body)
    known = head.asked
    if known is not None and known[0] is decide:
        # The same lines again on this connection: all of it stands in them.
        return cast(Asked, known[1])
    lower = b"\r\n" + head.block.lower()
    method_name, target_name, host_name = _BELIEVED[decide.headers]
    method = _only(head.block, lower, method_name)
    target = _only(head.block, lower, target_name)
    host = _only(head.block, lower, host_name)
    check(method, target, host)
    judged = head.judged._replace(host=host)
    if head.socket_key is not None:
        # Traefik removes Upgrade, which is hop-by-hop.  No page can send a Sec-WebSocket-Key but by
        # a handshake: https://fetch.spec.whatwg.org/#forbidden-request-header
        judged = judged._replace(websocket=True)
    found = Asked(method, target, scheme_of(head, scheme), judged, _body(head.block, lower))
    head.asked = decide, found
    return found


def _only(block: bytes, lower: bytes, name: bytes) -> bytes:
    """The value of a header that must be there exactly once.  `lower` is `block` behind an empty
    line, in lower case.

    If a client's line stood beside the engine's, nobody could tell which one is true
    (GHSA-7x63-xv5r-3p2x in oauth2-proxy)."""
    start = lower.find(name)
    if start < 0 or lower.find(name, start + 1) >= 0:
        found = "no line" if start < 0 else "two lines"
        word = name.strip(b"\r\n:").decode("ascii")
        raise HeadError(400, Reason.ASK_MALFORMED, f"{found} of {word} in an ask")
    start += len(name) - 2  # `lower` has two bytes more
    return block[start : block.find(b"\r\n", start)].strip(b" \t")


def _body(block: bytes, lower: bytes) -> int:
    """If a client sends this header too, its own request is all that is refused for it."""
    start = lower.find(_BODY)
    if start < 0:
        return 0
    start += len(_BODY) - 2  # `lower` has two bytes more
    return body_of(block[start : block.find(b"\r\n", start)].strip(b" \t"))


def scheme_of(head: RequestHead, scheme: str) -> str:
    """What the last X-Forwarded-Proto says, or the scheme of the ask."""
    for name, value in head.forwarded or ():
        if name.lower() == _PROTO:
            given = value.lower()
            scheme = "https" if given == b"https" else "http" if given == b"http" else scheme
    return scheme


def check(method: bytes, target: bytes, host: bytes) -> None:
    """Raises HeadError where a request with this method, target and Host would be refused."""
    if method in CARRIED and target[:1] == b"/" and not target.translate(None, _PLAIN) and is_host(host):
        return
    line = b"%b %b HTTP/1.1" % (method, target)
    try:
        try:
            HttpRequestParser(_Deaf()).feed_data(b"%b\r\nHost: %b\r\n\r\n" % (line, host))
        except HttpParserUpgrade:
            pass  # CONNECT
        except HttpParserError as error:
            raise HeadError(400, Reason.MALFORMED_REQUEST, parser_words(str(error))) from None
        request_line(line)
        if not is_host(host):
            raise HeadError(400, Reason.MALFORMED_REQUEST, "an invalid Host")
    except HeadError as bad:
        raise bad.of(line) from None


class _Deaf:
    """Takes nothing of what llhttp finds: what it refuses is enough."""
