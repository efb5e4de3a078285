"""What the consoles of Chromium and Firefox print about a failed check, as recorded from Chromium 156 and Firefox 153."""

from dataclasses import dataclass
from typing import Final

from ..cors.fetch import Check, Failure

_PREFLIGHT: Final = "Response to preflight request doesn't pass access control check: "
_VALID: Final = "Have the server send the header with a valid value."
_ORIGIN: Final = "The 'Access-Control-Allow-Origin' header "
_CREDENTIALS: Final = "request's credentials mode is 'include'."

# Chromium: the text after `CORS policy: `.
CHROMIUM: Final = {
    Check.MISSING_ALLOW_ORIGIN: "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
    Check.MULTIPLE_ALLOW_ORIGIN: _ORIGIN
    + "contains multiple values '{value}', but only one is allowed. "
    + _VALID,
    Check.INVALID_ALLOW_ORIGIN: _ORIGIN + "contains the invalid value '{value}'. " + _VALID,
    Check.ALLOW_ORIGIN_MISMATCH: _ORIGIN
    + "has a value '{value}' that is not equal to the supplied origin. "
    + _VALID,
    Check.WILDCARD_ORIGIN: "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' "
    "when the " + _CREDENTIALS,
    Check.INVALID_ALLOW_CREDENTIALS: "The value of the 'Access-Control-Allow-Credentials' header in the response is '{value}' "
    "which must be 'true' when the " + _CREDENTIALS,
    Check.PREFLIGHT_STATUS: "It does not have HTTP ok status.",
    Check.PREFLIGHT_REDIRECT: "Redirect is not allowed for a preflight request.",
    Check.INVALID_ALLOW_METHODS: "Cannot parse Access-Control-Allow-Methods response header field in preflight response.",
    Check.INVALID_ALLOW_HEADERS: "Cannot parse Access-Control-Allow-Headers response header field in preflight response.",
    Check.METHOD_DISALLOWED: "Method {value} is not allowed by Access-Control-Allow-Methods in preflight response.",
    Check.HEADER_DISALLOWED: "Request header field {value} is not allowed by Access-Control-Allow-Headers in preflight response.",
}
_NOT_MATCHING: Final = (
    "CORSAllowOriginNotMatchingOrigin",
    "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{value}’).",
)
# Firefox: the category, and the text after `(Reason: `.
FIREFOX: Final = {
    Check.MISSING_ALLOW_ORIGIN: (
        "CORSMissingAllowOrigin2",
        "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: {status}.",
    ),
    Check.MULTIPLE_ALLOW_ORIGIN: _NOT_MATCHING,
    Check.INVALID_ALLOW_ORIGIN: _NOT_MATCHING,
    Check.ALLOW_ORIGIN_MISMATCH: _NOT_MATCHING,
    Check.WILDCARD_ORIGIN: (
        "CORSNotSupportingCredentials",
        "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).",
    ),
    Check.INVALID_ALLOW_CREDENTIALS: (
        "CORSMissingAllowCredentials",
        "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’).",
    ),
    Check.PREFLIGHT_STATUS: (
        "CORSPreflightDidNotSucceed3",
        "CORS preflight response did not succeed). Status code: {status}.",
    ),
    Check.PREFLIGHT_REDIRECT: (
        "CORSExternalRedirectNotAllowed",
        "CORS request external redirect not allowed).",
    ),
    Check.INVALID_ALLOW_METHODS: (
        "CORSInvalidAllowMethod",
        "invalid token ‘{value}’ in CORS header ‘Access-Control-Allow-Methods’).",
    ),
    Check.INVALID_ALLOW_HEADERS: (
        "CORSInvalidAllowHeader",
        "invalid token ‘{value}’ in CORS header ‘Access-Control-Allow-Headers’).",
    ),
    Check.METHOD_DISALLOWED: (
        "CORSMethodNotFound",
        "Did not find method in CORS header ‘Access-Control-Allow-Methods’).",
    ),
    Check.HEADER_DISALLOWED: (
        "CORSMissingAllowHeaderFromPreflight2",
        "header ‘{value}’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response).",
    ),
}
_REPEATED: Final = (
    "CORSMultipleAllowOriginNotAllowed",
    "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed).",
)
_DID_NOT: Final = ("CORSDidNotSucceed2", "CORS request did not succeed). Status code: (null).")
# These are a preflight's own by their names already; of the others Chromium has a form for preflights.
_OF_PREFLIGHTS: Final = frozenset(
    {
        Check.INVALID_ALLOW_METHODS,
        Check.INVALID_ALLOW_HEADERS,
        Check.METHOD_DISALLOWED,
        Check.HEADER_DISALLOWED,
    }
)
_NAMED_SO: Final = _OF_PREFLIGHTS | {Check.PREFLIGHT_STATUS, Check.PREFLIGHT_REDIRECT}


@dataclass(frozen=True, slots=True)
class Message:
    """`name` is Chromium's corsError, or the category of Firefox's console; "" where it has none."""

    browser: str
    name: str
    text: str


def messages(
    failure: Failure, url: str, origin: str, status: int, on_preflight: bool, repeated: bool = False
) -> list[Message]:
    """Of a `fetch()`.  `status` is that of the answer that failed; `repeated`: it has Access-Control-Allow-Origin on several lines."""
    check, value = failure.check, failure.value.decode("latin-1")
    reason = CHROMIUM[check].format(value=value)
    if on_preflight and check not in _OF_PREFLIGHTS:
        reason = _PREFLIGHT + reason
    name = "Preflight" + check.value if on_preflight and check not in _NAMED_SO else check.value
    chromium = f"Access to fetch at '{url}' from origin '{origin}' has been blocked by CORS policy: {reason}"
    lines = [_REPEATED if repeated and check is Check.MULTIPLE_ALLOW_ORIGIN else FIREFOX[check]]
    if check is Check.PREFLIGHT_REDIRECT:
        lines.append(FIREFOX[Check.PREFLIGHT_STATUS])
    if on_preflight:
        lines.append(_DID_NOT)
    return [Message("chromium", name, chromium), *(_firefox(url, status, value, *line) for line in lines)]


def _firefox(url: str, status: int, value: str, category: str, reason: str) -> Message:
    place = f"‘{url}’" if category == "CORSNotSupportingCredentials" else url
    text = f"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {place}. (Reason: "
    return Message("firefox", category, text + reason.format(value=value, status=status))


def handshake(url: str, status: int) -> list[Message]:
    """Of a WebSocket that was answered with something else than 101."""
    text = f"WebSocket connection to '{url}' failed: Error during WebSocket handshake: Unexpected response code: {status}"
    return [
        Message("chromium", "", text),
        Message("firefox", "", f"Firefox can’t establish a connection to the server at {url}."),
    ]
