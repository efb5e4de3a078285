"""Methods and header names: those that a page can send or read, and that the proxy can forward."""

import difflib
import re

from ..cors import names
from .scalars import ScalarError

COOKIES = "remove it: the browser sends and keeps cookies where the policy has credentials: true"
_ALL = ("*", "ALL", "ANY")
_MAX_LENGTH = 256  # not from a standard: names stay short enough for logs


def parse_method(text: str) -> str:
    """A method that a page can send (Fetch, forbidden method) and that the proxy can forward.

    Methods are case-sensitive (RFC 9110, 9.1), so `patch` is not `PATCH`.
    """
    if text.upper() in _ALL:
        raise ScalarError("a method such as GET", code="E406", hint="leave the key out: any method matches")
    if not _is_token(text):
        raise ScalarError("a method such as GET", _suggest_token(text), "E406", _separate(text))
    if text.upper() in names.FORBIDDEN_METHODS:
        raise ScalarError(
            "a method that a page can send (Fetch forbids CONNECT, TRACE and TRACK)",
            code="E406",
            hint="remove it",
        )
    if text not in names.METHODS:
        raise ScalarError("a method that the proxy can forward", _suggest_method(text), "E406")
    return text


def _suggest_method(text: str) -> str:
    upper = text.upper()
    if upper in names.METHODS:
        return upper
    # A method that only looks alike would allow something else: UPDATE is not DELETE.
    near = difflib.get_close_matches(upper, sorted(names.METHODS), n=1, cutoff=0.75)
    return near[0] if near else ""


def parse_method_or_any(text: str) -> str:
    """A method, or `*`."""
    if text == "*":
        return text
    if text.upper() in _ALL:
        raise ScalarError("a method such as GET", '"*"', "E406")
    return parse_method(text)


def parse_request_header(text: str) -> str:
    """A request header that a preflight can grant, or `*`.

    Refused are names that Fetch forbids to pages, CORS's own, and AMP-Same-Origin: the API trusts
    it as a sign of the publisher's own page, so no other page may set it.
    """
    if text == "*":
        return text
    if not _is_token(text):
        raise ScalarError("a header name", _suggest_token(text), "E407", _separate(text))
    lower = text.lower()
    if lower.encode("ascii") == names.AMP_SAME_ORIGIN:
        raise ScalarError(
            "a header that may be granted: with AMP-Same-Origin any page could claim to be the publisher's",
            code="E407",
            hint="remove it, and name the publisher in amp of a route",
        )
    if lower.startswith("access-control-"):
        hint = "remove it: the browser or the proxy sends it"
        raise ScalarError("a request header: CORS itself uses Access-Control-*", code="E407", hint=hint)
    if names.forbidden_header(lower.encode("ascii")):
        raise ScalarError(
            "a request header that a page can set (Fetch, forbidden request-header)",
            code="E407",
            hint=COOKIES
            if lower in ("cookie", "cookie2", "set-cookie")
            else "remove it: the browser sets it",
        )
    return text


def parse_response_header(text: str) -> str:
    """A response header that can be exposed, or `*`."""
    if text != "*" and not _is_token(text):
        raise ScalarError("a header name", _suggest_token(text), "E408", _separate(text))
    if text.lower().encode("ascii") in names.UNREADABLE:
        raise ScalarError(
            "a response header that a page may read: never Set-Cookie"
            " (Fetch, forbidden response-header name)",
            code="E408",
            hint=COOKIES,
        )
    return text


def _suggest_token(text: str) -> str:
    stripped = text.strip(" :;,")
    return stripped if _is_token(stripped) else ""


def _separate(text: str) -> str:
    """What to do with several names in one text, or ""."""
    parts = [part for part in re.split(r"[,\s]+", text) if part]
    several = "," in text and len(parts) > 1 and all(map(_is_token, parts))
    return f"write each as an entry of its own: {', '.join(parts)}" if several else ""


def _is_token(text: str) -> bool:
    return text.isascii() and len(text) <= _MAX_LENGTH and names.is_token(text.encode("ascii"))
