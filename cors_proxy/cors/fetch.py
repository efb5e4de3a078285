"""The browser's side of CORS: Fetch's own checks, in the standard's order and steps.

Each failure has the name that consoles print."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from .decision import Line
from .names import AUTHORIZATION, SAFELISTED_METHODS, forbidden_header, is_token
from .origin import parse_origin

_NORMALISED: Final = frozenset((b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"POST", b"PUT"))
_FORM_TYPES: Final = (b"application/x-www-form-urlencoded", b"multipart/form-data", b"text/plain")
# https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
_UNSAFE_BYTES: Final = bytes(range(0x09)) + bytes(range(0x0A, 0x20)) + b'"():<>?@[\\]{}\x7f'
_LANGUAGE_BYTES: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz *,-.;="
_DIGITS: Final = b"0123456789"


class Check(Enum):
    """The check that failed.  The value is Chromium's name for it.

    For a preflight some of the names have `Preflight` in front."""

    MISSING_ALLOW_ORIGIN = "MissingAllowOriginHeader"
    MULTIPLE_ALLOW_ORIGIN = "MultipleAllowOriginValues"
    INVALID_ALLOW_ORIGIN = "InvalidAllowOriginValue"
    ALLOW_ORIGIN_MISMATCH = "AllowOriginMismatch"
    WILDCARD_ORIGIN = "WildcardOriginNotAllowed"
    INVALID_ALLOW_CREDENTIALS = "InvalidAllowCredentials"
    PREFLIGHT_STATUS = "PreflightInvalidStatus"
    PREFLIGHT_REDIRECT = "PreflightDisallowedRedirect"
    INVALID_ALLOW_METHODS = "InvalidAllowMethodsPreflightResponse"
    INVALID_ALLOW_HEADERS = "InvalidAllowHeadersPreflightResponse"
    METHOD_DISALLOWED = "MethodDisallowedByPreflightResponse"
    HEADER_DISALLOWED = "HeaderDisallowedByPreflightResponse"


@dataclass(frozen=True, slots=True)
class Failure:
    """`value` is what failed the check: a header's value as the browser reads it, the method, or
    the name of a header."""

    check: Check
    value: bytes = b""


def normalise_method(method: bytes) -> bytes:
    """https://fetch.spec.whatwg.org/#concept-method-normalize (`patch` is not in its list, and
    stays)."""
    upper = method.upper()
    return upper if upper in _NORMALISED else method


def needs_preflight(method: bytes, unsafe: Sequence[bytes], upload_listener: bool = False) -> bool:
    """A method or header is not safelisted, or the use-CORS-preflight flag is set
    (https://fetch.spec.whatwg.org/#main-fetch).  `unsafe` is what `unsafe_names` found."""
    return upload_listener or bool(unsafe) or normalise_method(method) not in SAFELISTED_METHODS


def unsafe_names(headers: Iterable[tuple[bytes, bytes | None]]) -> list[bytes]:
    """The CORS-unsafe request-header names of what a page sets, in lower case, sorted, unique.

    A value of None is unknown, and counts as unsafe.  Forbidden names are never sent.
    https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names"""
    unsafe: set[bytes] = set()
    safelisted: set[bytes] = set()
    size = 0
    for name, value in headers:
        lower = name.lower()
        if forbidden_header(lower):
            continue
        if value is not None and safelisted_header(lower, value):
            safelisted.add(lower)
            size += len(value)
        else:
            unsafe.add(lower)
    return sorted(unsafe | safelisted if size > 1024 else unsafe)


def safelisted_header(name: bytes, value: bytes) -> bool:
    """https://fetch.spec.whatwg.org/#cors-safelisted-request-header; `name` in lower case."""
    if len(value) > 128:
        return False
    if name == b"accept":
        return not _has_any(value, _UNSAFE_BYTES)
    if name in (b"accept-language", b"content-language"):
        return not value.translate(None, _LANGUAGE_BYTES)
    if name == b"content-type":
        return (
            not _has_any(value, _UNSAFE_BYTES)
            and value.partition(b";")[0].strip(b" \t").lower() in _FORM_TYPES
        )
    if name == b"range":  # no suffix range
        first, dash, last = value.removeprefix(b"bytes=").partition(b"-")
        digits = not (first + last).translate(None, _DIGITS)
        return (
            value.startswith(b"bytes=")
            and bool(first and dash)
            and digits
            and (not last or _not_after(first, last))
        )
    return False


def cors_check(origin: bytes, credentials: bool, lines: Sequence[Line]) -> Failure | None:
    """https://fetch.spec.whatwg.org/#concept-cors-check.  None is success.

    `credentials`: the credentials mode is `include`."""
    value = _get(lines, b"access-control-allow-origin")
    if value is None:
        return Failure(Check.MISSING_ALLOW_ORIGIN)
    if not credentials and value == b"*":
        return None
    if value != origin:
        return Failure(_origin_failure(value), value)
    if not credentials:
        return None
    allowed = _get(lines, b"access-control-allow-credentials")
    return None if allowed == b"true" else Failure(Check.INVALID_ALLOW_CREDENTIALS, allowed or b"")


def preflight_check(
    origin: bytes,
    credentials: bool,
    method: bytes,
    unsafe: Sequence[bytes],
    status: int,
    lines: Sequence[Line],
) -> Failure | None:
    """https://fetch.spec.whatwg.org/#cors-preflight-fetch-0, step 7.  None is success.

    `unsafe` are the requested names, in lower case."""
    # Step 7: the CORS check, and an ok status
    failure = cors_check(origin, credentials, lines)
    if failure is not None:
        return failure
    if not 200 <= status <= 299:
        return Failure(
            Check.PREFLIGHT_REDIRECT if status in (301, 302, 303, 307, 308) else Check.PREFLIGHT_STATUS,
            b"%d" % status,
        )
    # Steps 7.1 to 7.3: both lists have to parse
    methods = _list(lines, b"access-control-allow-methods")
    if methods is None:
        return Failure(Check.INVALID_ALLOW_METHODS, _get(lines, b"access-control-allow-methods") or b"")
    headers = _list(lines, b"access-control-allow-headers")
    if headers is None:
        return Failure(Check.INVALID_ALLOW_HEADERS, _get(lines, b"access-control-allow-headers") or b"")
    # Step 7.5
    if method not in methods and method not in SAFELISTED_METHODS and (credentials or b"*" not in methods):
        return Failure(Check.METHOD_DISALLOWED, method)
    named = {name.lower() for name in headers}
    # Steps 7.6 and 7.7: Authorization first, because no star covers it
    # (https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name)
    for name in sorted(unsafe, key=lambda name: (name != AUTHORIZATION, name)):
        if name not in named and (name == AUTHORIZATION or credentials or b"*" not in named):
            return Failure(Check.HEADER_DISALLOWED, name)
    return None


def _origin_failure(value: bytes) -> Check:
    if value == b"*":
        return Check.WILDCARD_ORIGIN
    if b"," in value or b" " in value:
        return Check.MULTIPLE_ALLOW_ORIGIN
    if value == b"null" or parse_origin(value.lower().rstrip(b"/")) is not None:
        return Check.ALLOW_ORIGIN_MISMATCH
    return Check.INVALID_ALLOW_ORIGIN


def _get(lines: Sequence[Line], name: bytes) -> bytes | None:
    """https://fetch.spec.whatwg.org/#concept-header-list-get: all lines of a name as one value."""
    values = [value.strip(b" \t\r\n") for key, value in lines if key.lower() == name]
    return b", ".join(values) if values else None


def _list(lines: Sequence[Line], name: bytes) -> list[bytes] | None:
    """https://fetch.spec.whatwg.org/#extract-header-list-values: the tokens of a header.

    [] without the header, None if it does not parse."""
    members = [member.strip(b" \t") for member in (_get(lines, name) or b"").split(b",")]
    members = [member for member in members if member]
    return members if all(map(is_token, members)) else None


def _has_any(value: bytes, unwanted: bytes) -> bool:
    return len(value.translate(None, unwanted)) != len(value)


def _not_after(first: bytes, last: bytes) -> bool:
    """first <= last, for numbers of up to 128 digits."""
    return int(first) <= int(last)
