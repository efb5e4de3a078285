"""Methods and header names: those that a page can send or read, and that the proxy can forward."""

from ..cors import names
from .scalars import ScalarError, nearest

_MAX_LENGTH = 256  # not from a standard: names stay short enough for logs


def parse_method(text: str) -> str:
    """A method that a page can send (Fetch, forbidden method) and that the proxy can forward.

    Methods are case-sensitive (RFC 9110, 9.1), so `patch` is not `PATCH`.
    """
    if not _is_token(text):
        raise ScalarError("a method such as GET", _suggest_token(text), "E406")
    if text.upper() in names.FORBIDDEN_METHODS:
        raise ScalarError(
            "a method that a page can send (Fetch forbids CONNECT, TRACE and TRACK)", code="E406"
        )
    if text not in names.METHODS:
        upper = text.upper()
        suggestion = upper if upper in names.METHODS else nearest(text, tuple(sorted(names.METHODS)))
        raise ScalarError("a method that the proxy can forward", suggestion, "E406")
    return text


def parse_method_or_any(text: str) -> str:
    """A method, or `*`."""
    return text if text == "*" else parse_method(text)


def parse_request_header(text: str) -> str:
    """A request header that a preflight can grant, or `*`.

    Refused are names that Fetch forbids to pages, CORS's own, and AMP-Same-Origin: the API trusts
    it as a sign of the publisher's own page, so no other page may set it.
    """
    if text == "*":
        return text
    if not _is_token(text):
        raise ScalarError("a header name", _suggest_token(text), "E407")
    lower = text.lower()
    if lower.encode("ascii") == names.AMP_SAME_ORIGIN:
        raise ScalarError(
            "a header that may be granted: with AMP-Same-Origin any page could claim to be the publisher's",
            code="E407",
        )
    if lower.startswith("access-control-"):
        raise ScalarError("a request header: CORS itself uses Access-Control-*", code="E407")
    if names.forbidden_header(lower.encode("ascii")):
        raise ScalarError(
            "a request header that a page can set (Fetch, forbidden request-header)", code="E407"
        )
    return text


def parse_response_header(text: str) -> str:
    """A response header that can be exposed, or `*`."""
    if text != "*" and not _is_token(text):
        raise ScalarError("a header name", _suggest_token(text), "E408")
    if text.lower().encode("ascii") in names.UNREADABLE:
        raise ScalarError(
            "a response header that a page may read: never Set-Cookie"
            " (Fetch, forbidden response-header name)",
            code="E408",
        )
    return text


def _suggest_token(text: str) -> str:
    stripped = text.strip(" :")
    return stripped if _is_token(stripped) else ""


def _is_token(text: str) -> bool:
    return text.isascii() and len(text) <= _MAX_LENGTH and names.is_token(text.encode("ascii"))
