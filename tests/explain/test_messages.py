"""The consoles' words, as recorded; `U` stands for the URL, `O` for the page's origin."""

import pytest

from cors_proxy.cors.fetch import Check, Failure
from cors_proxy.explain.messages import CHROMIUM, FIREFOX, handshake, messages

PREFLIGHT = "Response to preflight request doesn't pass access control check: "


@pytest.mark.parametrize(
    ("check", "value", "preflight", "name", "chromium", "category", "firefox"),
    [
        (
            Check.MISSING_ALLOW_ORIGIN, "", True, "PreflightMissingAllowOriginHeader",
            PREFLIGHT + "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
            "CORSMissingAllowOrigin2", "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 403.",
        ),
        (
            Check.MISSING_ALLOW_ORIGIN, "", False, "MissingAllowOriginHeader",
            "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
            "CORSMissingAllowOrigin2", "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 403.",
        ),
        (
            Check.METHOD_DISALLOWED, "DELETE", True, "MethodDisallowedByPreflightResponse",
            "Method DELETE is not allowed by Access-Control-Allow-Methods in preflight response.",
            "CORSMethodNotFound", "Did not find method in CORS header ‘Access-Control-Allow-Methods’).",
        ),
        (
            Check.HEADER_DISALLOWED, "x-bar", True, "HeaderDisallowedByPreflightResponse",
            "Request header field x-bar is not allowed by Access-Control-Allow-Headers in preflight response.",
            "CORSMissingAllowHeaderFromPreflight2",
            "header ‘x-bar’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response).",
        ),
        (
            Check.INVALID_ALLOW_CREDENTIALS, "", True, "PreflightInvalidAllowCredentials",
            PREFLIGHT + "The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the "
            "request's credentials mode is 'include'.",
            "CORSMissingAllowCredentials", "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’).",
        ),
        (
            Check.INVALID_ALLOW_ORIGIN, "app", False, "InvalidAllowOriginValue",
            "The 'Access-Control-Allow-Origin' header contains the invalid value 'app'. "
            "Have the server send the header with a valid value.",
            "CORSAllowOriginNotMatchingOrigin", "CORS header ‘Access-Control-Allow-Origin’ does not match ‘app’).",
        ),
        (
            Check.PREFLIGHT_STATUS, "403", True, "PreflightInvalidStatus", PREFLIGHT + "It does not have HTTP ok status.",
            "CORSPreflightDidNotSucceed3", "CORS preflight response did not succeed). Status code: 403.",
        ),
        (
            Check.INVALID_ALLOW_METHODS, "GET; PUT", True, "InvalidAllowMethodsPreflightResponse",
            "Cannot parse Access-Control-Allow-Methods response header field in preflight response.",
            "CORSInvalidAllowMethod", "invalid token ‘GET; PUT’ in CORS header ‘Access-Control-Allow-Methods’).",
        ),
    ],
)  # fmt: skip
def test_as_recorded(
    check: Check, value: str, preflight: bool, name: str, chromium: str, category: str, firefox: str
) -> None:
    first, second, *rest = messages(Failure(check, value.encode()), "U", "O", 403, preflight)
    assert (first.name, first.text) == (
        name,
        f"Access to fetch at 'U' from origin 'O' has been blocked by CORS policy: {chromium}",
    )
    blocked = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at"
    assert (second.name, second.text) == (category, f"{blocked} U. (Reason: {firefox}")
    second_line = f"{blocked} U. (Reason: CORS request did not succeed). Status code: (null)."
    assert [each.text for each in rest] == ([second_line] if preflight else [])


def test_oddities() -> None:
    star = messages(Failure(Check.WILDCARD_ORIGIN, b"*"), "U", "O", 200, False)
    assert "at ‘U’. (Reason: Credential is not supported" in star[1].text
    twice = messages(Failure(Check.MULTIPLE_ALLOW_ORIGIN, b"a, a"), "U", "O", 200, False, repeated=True)
    assert twice[1].name == "CORSMultipleAllowOriginNotAllowed"
    assert (
        messages(Failure(Check.MULTIPLE_ALLOW_ORIGIN, b"a, b"), "U", "O", 200, False)[1].name
        == "CORSAllowOriginNotMatchingOrigin"
    )
    redirect = messages(Failure(Check.PREFLIGHT_REDIRECT, b"302"), "U", "O", 302, True)
    assert [each.name for each in redirect] == [
        "PreflightDisallowedRedirect", "CORSExternalRedirectNotAllowed", "CORSPreflightDidNotSucceed3", "CORSDidNotSucceed2",
    ]  # fmt: skip
    assert "Unexpected response code: 403" in handshake("U", 403)[0].text


def test_every_check_has_its_words() -> None:
    assert set(CHROMIUM) == set(FIREFOX) == set(Check)
