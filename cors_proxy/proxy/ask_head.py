"""The request that an ask is about.

In the dialect `mirror` it is the ask itself.  In `forwarded` the engine describes it in headers.  What
they say is read as strictly as the head of a request."""

from typing import Final, NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from ..cors.hosts import valid as valid_host
from ..cors.reason import Reason
from ..cors.request import JudgedHeaders
from ..policy.model import Decide
from .field_lines import parser_words
from .request_head import HeadError, RequestHead, request_line
from .request_reader import Message

# Method, target and Host.  X-Original-* have no name of their own for the last one.
_BELIEVED: Final[dict[str, tuple[bytes, bytes, bytes]]] = {
    "x-forwarded": (b"x-forwarded-method", b"x-forwarded-uri", b"x-forwarded-host"),
    "x-original": (b"x-original-method", b"x-original-uri", b"host"),
}
_PROTO: Final = b"x-forwarded-proto"


class Asked(NamedTuple):
    """The client's request.  `scheme` is for the log alone: no decision depends on it."""

    method: bytes
    target: bytes
    scheme: str
    judged: JudgedHeaders


def asked(decide: Decide, message: Message, scheme: str) -> Asked:
    """Raises HeadError; its reason is ASK_MALFORMED if the engine is at fault and not its client."""
    head = message.head
    if decide.dialect == "mirror":
        return Asked(message.method, message.target, _scheme(head, scheme), head.judged)
    method_name, target_name, host_name = _BELIEVED[decide.headers]
    method = _only(head, method_name)
    target = _only(head, target_name)
    host = _only(head, host_name)
    _check(method, target, host)
    judged = head.judged._replace(host=host)
    if head.socket_key is not None:
        # Traefik removes Upgrade, which is hop-by-hop.  No page can send a Sec-WebSocket-Key but by
        # a handshake: https://fetch.spec.whatwg.org/#forbidden-request-header
        judged = judged._replace(websocket=True)
    return Asked(method, target, _scheme(head, scheme), judged)


def _only(head: RequestHead, name: bytes) -> bytes:
    """The value of a header that must be there exactly once.

    If a client's line stood beside the engine's, nobody could tell which one is true
    (GHSA-7x63-xv5r-3p2x in oauth2-proxy)."""
    values = _values(head, name)
    if len(values) != 1:
        found = "two lines" if values else "no line"
        raise HeadError(400, Reason.ASK_MALFORMED, f"{found} of {name.decode('ascii')} in an ask")
    return values[0]


def _values(head: RequestHead, name: bytes) -> list[bytes]:
    values = []
    for line in head.block.split(b"\r\n"):
        own, _, value = line.partition(b":")
        if own.lower() == name:
            values.append(value.strip(b" \t"))
    return values


def _scheme(head: RequestHead, scheme: str) -> str:
    """What the last X-Forwarded-Proto says, or the scheme of the ask."""
    for name, value in head.forwarded or ():
        if name.lower() == _PROTO:
            given = value.lower()
            scheme = "https" if given == b"https" else "http" if given == b"http" else scheme
    return scheme


def _check(method: bytes, target: bytes, host: bytes) -> None:
    """Raises HeadError where a request with this method, target and Host would be refused."""
    line = b"%b %b HTTP/1.1" % (method, target)
    try:
        try:
            HttpRequestParser(_Deaf()).feed_data(b"%b\r\nHost: %b\r\n\r\n" % (line, host))
        except HttpParserUpgrade:
            pass  # CONNECT
        except HttpParserError as error:
            raise HeadError(400, Reason.MALFORMED_REQUEST, parser_words(str(error))) from None
        request_line(line)
        if not valid_host(host):
            raise HeadError(400, Reason.MALFORMED_REQUEST, "an invalid Host")
    except HeadError as bad:
        raise bad.of(line) from None


class _Deaf:
    """Takes nothing of what llhttp finds: what it refuses is enough."""
