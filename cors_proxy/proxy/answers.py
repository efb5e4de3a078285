"""The proxy's own answers, as bytes: nothing of the request is in them, nothing that is allowed is listed (RFC 9457)."""

import json
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from ..cors.reason import Reason

PHRASES: Final[dict[int, bytes]] = {status.value: status.phrase.encode("ascii") for status in HTTPStatus}
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_PROBLEM: Final = b"Content-Type: application/problem+json\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"


@lru_cache(maxsize=4096)
def _problem(
    status: int, reason: str, rule: str, debug: bool, close: bool, bodiless: bool
) -> tuple[bytes, bytes, int]:
    """What stands before the lines of an exchange, what behind them, and the body's length; `rule` and `debug` come from the policy, so
    there are few of them."""
    document = {"type": "about:blank", "title": PHRASES[status].decode(), "status": status, "reason": reason}
    head = b"HTTP/1.1 %d %b\r\n%b" % (status, PHRASES[status], _PROBLEM)
    if debug:
        # A file's name may hold any character; a header may not.
        document["rule"] = rule
        shown = json.dumps(rule)[1:-1].encode("ascii")
        head += b"CORS-Proxy-Reason: %b\r\nCORS-Proxy-Rule: %b\r\n" % (reason.encode("ascii"), shown)
    body = json.dumps(document).encode("ascii") + b"\n"
    end = b"Connection: close\r\n\r\n" if close else b"\r\n"
    head += b"Content-Length: %d\r\n" % len(body)
    return (head, end, 0) if bodiless else (head, end + body, len(body))


def problem(
    status: int,
    reason: Reason,
    own: bytes,
    close: bool,
    *,
    bodiless: bool = False,
    rule: str = "",
    debug: bool = False,
) -> tuple[bytes, int]:
    """An error answer, and the length of its body; `own` are header lines of this exchange (grant, Vary, X-Request-ID, Date)."""
    head, end, size = _problem(status, reason._value_, rule, debug, close, bodiless)
    return b"".join((head, own, end)), size


def preflight(status: int, own: bytes, close: bool) -> bytes:
    """The answer to a preflight: no body; RFC 9110 8.6 forbids a length on 204 alone."""
    length = b"" if status == 204 else b"Content-Length: 0\r\n"
    return b"HTTP/1.1 %d %b\r\n%b%b%b\r\n" % (
        status,
        PHRASES.get(status, b"OK"),
        own,
        length,
        b"Connection: close\r\n" if close else b"",
    )
