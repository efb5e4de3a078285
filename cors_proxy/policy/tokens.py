"""Methods and header names of the policy: only what the edge can carry and a page can send or read."""

from ..cors import names
from .scalars import ScalarError, nearest

_LONGEST = 256  # a bound of our own


def method(text: str) -> str:
    """A method that a page can send (Fetch, forbidden method) and that the edge carries; byte for byte, so `patch` is none."""
    if not _is_token(text):
        raise ScalarError("a method such as GET", _token(text), "E406")
    if text.upper() in names.FORBIDDEN_METHODS:
        raise ScalarError(
            "a method that a page can send (CONNECT, TRACE and TRACK are forbidden by Fetch)", code="E406"
        )
    if text not in names.METHODS:
        right = nearest(text, tuple(sorted(names.METHODS)))
        raise ScalarError(
            "a method that the edge can carry",
            text.upper() if text.upper() in names.METHODS else right,
            "E406",
        )
    return text


def method_or_any(text: str) -> str:
    return text if text == "*" else method(text)


def request_header(text: str) -> str:
    """A request header that can be granted, or `*`: none that Fetch forbids, none of CORS's own, never AMP-Same-Origin."""
    if text == "*":
        return text
    if not _is_token(text):
        raise ScalarError("a header name", _token(text), "E407")
    lower = text.lower()
    if lower.encode("ascii") == names.AMP_SAME_ORIGIN:
        raise ScalarError(
            "a header that may be granted: with AMP-Same-Origin any page could claim to be the publisher's",
            code="E407",
        )
    if lower.startswith("access-control-"):
        raise ScalarError("a request header: Access-Control-* are CORS's own", code="E407")
    if names.forbidden_header(lower.encode("ascii")):
        raise ScalarError(
            "a request header that a page can set (Fetch, forbidden request-header)", code="E407"
        )
    return text


def response_header(text: str) -> str:
    """A response header that can be exposed, or `*`."""
    if text != "*" and not _is_token(text):
        raise ScalarError("a header name", _token(text), "E408")
    if text.lower().encode("ascii") in names.UNREADABLE:
        raise ScalarError(
            "a response header that a page may read: Set-Cookie never is one (Fetch, forbidden response-header name)",
            code="E408",
        )
    return text


def _token(text: str) -> str:
    guess = text.strip(" :")
    return guess if _is_token(guess) else ""


def _is_token(text: str) -> bool:
    return text.isascii() and len(text) <= _LONGEST and names.is_token(text.encode("ascii"))
