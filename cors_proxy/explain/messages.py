"""The console messages of Chromium and Firefox about a failed check.

The texts were recorded from Chromium 156 and Firefox 153.
"""

from dataclasses import dataclass
from typing import Final

from ..cors.fetch import Check, Failure

_PREFLIGHT_PREFIX: Final = "Response to preflight request doesn't pass access control check: "
_FIX: Final = "Have the server send the header with a valid value."
_ORIGIN: Final = "The 'Access-Control-Allow-Origin' header"
_CREDENTIALS: Final = "request's credentials mode is 'include'."

# Chromium: the text after `CORS policy: `.
CHROMIUM: Final = {
    Check.MISSING_ALLOW_ORIGIN: (
        "No 'Access-Control-Allow-Origin' header is present on the requested resource."
    ),
    Check.MULTIPLE_ALLOW_ORIGIN: (
        f"{_ORIGIN} contains multiple values '{{value}}', but only one is allowed. {_FIX}"
    ),
    Check.INVALID_ALLOW_ORIGIN: f"{_ORIGIN} contains the invalid value '{{value}}'. {_FIX}",
    Check.ALLOW_ORIGIN_MISMATCH: (
        f"{_ORIGIN} has a value '{{value}}' that is not equal to the supplied origin. {_FIX}"
    ),
    Check.WILDCARD_ORIGIN: (
        "The value of the 'Access-Control-Allow-Origin' header in the response must not be the"
        f" wildcard '*' when the {_CREDENTIALS}"
    ),
    Check.INVALID_ALLOW_CREDENTIALS: (
        "The value of the 'Access-Control-Allow-Credentials' header in the response is '{value}'"
        f" which must be 'true' when the {_CREDENTIALS}"
    ),
    Check.PREFLIGHT_STATUS: "It does not have HTTP ok status.",
    Check.PREFLIGHT_REDIRECT: "Redirect is not allowed for a preflight request.",
    Check.INVALID_ALLOW_METHODS: (
        "Cannot parse Access-Control-Allow-Methods response header field in preflight response."
    ),
    Check.INVALID_ALLOW_HEADERS: (
        "Cannot parse Access-Control-Allow-Headers response header field in preflight response."
    ),
    Check.METHOD_DISALLOWED: (
        "Method {value} is not allowed by Access-Control-Allow-Methods in preflight response."
    ),
    Check.HEADER_DISALLOWED: (
        "Request header field {value} is not allowed by Access-Control-Allow-Headers in preflight response."
    ),
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
        "header ‘{value}’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS"
        " preflight response).",
    ),
}
_REPEATED: Final = (
    "CORSMultipleAllowOriginNotAllowed",
    "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed).",
)
_DID_NOT_SUCCEED: Final = ("CORSDidNotSucceed2", "CORS request did not succeed). Status code: (null).")
# Only preflights can fail in these, so Chromium does not add the prefix for preflights to them.
_ON_PREFLIGHT_ONLY: Final = frozenset(
    {
        Check.INVALID_ALLOW_METHODS,
        Check.INVALID_ALLOW_HEADERS,
        Check.METHOD_DISALLOWED,
        Check.HEADER_DISALLOWED,
    }
)
# The corsError names of these have no form with "Preflight" in front.
_UNPREFIXED_NAMES: Final = _ON_PREFLIGHT_ONLY | {Check.PREFLIGHT_STATUS, Check.PREFLIGHT_REDIRECT}


@dataclass(frozen=True, slots=True)
class Message:
    """`browser` is chromium or firefox.

    `name` is the corsError of Chromium's DevTools protocol or the category of Firefox's console,
    "" where there is none.
    """

    browser: str
    name: str
    text: str


def messages(
    failure: Failure, url: str, origin: str, status: int, on_preflight: bool, repeated: bool = False
) -> list[Message]:
    """Of a `fetch()` whose response, with this `status`, failed the check.

    `repeated`: the response has Access-Control-Allow-Origin on several lines.
    """
    check, value = failure.check, failure.value.decode("latin-1")
    text = CHROMIUM[check].format(value=value)
    if on_preflight and check not in _ON_PREFLIGHT_ONLY:
        text = _PREFLIGHT_PREFIX + text
    name = "Preflight" + check.value if on_preflight and check not in _UNPREFIXED_NAMES else check.value
    chromium = f"Access to fetch at '{url}' from origin '{origin}' has been blocked by CORS policy: {text}"
    reasons = [_REPEATED if repeated and check is Check.MULTIPLE_ALLOW_ORIGIN else FIREFOX[check]]
    if check is Check.PREFLIGHT_REDIRECT:
        reasons.append(FIREFOX[Check.PREFLIGHT_STATUS])
    if on_preflight:
        reasons.append(_DID_NOT_SUCCEED)
    return [
        Message("chromium", name, chromium),
        *(_firefox(url, status, value, *reason) for reason in reasons),
    ]


def _firefox(url: str, status: int, value: str, category: str, reason: str) -> Message:
    # Firefox quotes the URL in this one message only.
    resource = f"‘{url}’" if category == "CORSNotSupportingCredentials" else url
    prefix = (
        "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource"
        f" at {resource}. (Reason: "
    )
    return Message("firefox", category, prefix + reason.format(value=value, status=status))


def handshake(url: str, status: int) -> list[Message]:
    """Of a WebSocket handshake whose response has a status other than 101."""
    text = (
        f"WebSocket connection to '{url}' failed: Error during WebSocket handshake:"
        f" Unexpected response code: {status}"
    )
    return [
        Message("chromium", "", text),
        Message("firefox", "", f"Firefox can’t establish a connection to the server at {url}."),
    ]
