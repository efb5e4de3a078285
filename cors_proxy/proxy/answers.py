"""The proxy's own responses, as bytes; errors are problem details (RFC 9457).

They repeat nothing of the request, so nothing can be injected. They do not list what is allowed."""

import json
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from ..cors.reason import Reason

PHRASES: Final[dict[int, bytes]] = {status.value: status.phrase.encode("ascii") for status in HTTPStatus}
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_PROBLEM: Final = (
    b"Content-Type: application/problem+json\r\n"
    b"Cache-Control: no-store\r\n"
    b"X-Content-Type-Options: nosniff\r\n"
)


@lru_cache(maxsize=4096)
def _problem(
    status: int, reason: str, rule: str, debug: bool, close: bool, bodiless: bool
) -> tuple[bytes, bytes, int]:
    """The bytes before the lines of this exchange, the bytes after them, and the body's length.

    All arguments come from the policy or from `Reason`: few combinations are ever remembered."""
    document = {"type": "about:blank", "title": PHRASES[status].decode(), "status": status, "reason": reason}
    head = b"HTTP/1.1 %d %b\r\n%b" % (status, PHRASES[status], _PROBLEM)
    if debug:
        # The name of a policy file may hold any character, a field value may not (RFC 9110 5.5).
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
    """An error response, and the length of its body.

    `own` are the field lines of this exchange (grant, Vary, X-Request-ID, Date). `bodiless` is for
    a HEAD request: its response has the same Content-Length without the body (RFC 9110 9.3.2)."""
    head, end, size = _problem(status, reason._value_, rule, debug, close, bodiless)
    return b"".join((head, own, end)), size


def preflight(status: int, own: bytes, close: bool) -> bytes:
    """The response to a preflight, without a body. RFC 9110 8.6 forbids Content-Length on a 204."""
    length = b"" if status == 204 else b"Content-Length: 0\r\n"
    return b"HTTP/1.1 %d %b\r\n%b%b%b\r\n" % (
        status,
        PHRASES.get(status, b"OK"),
        own,
        length,
        b"Connection: close\r\n" if close else b"",
    )
