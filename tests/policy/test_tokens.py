"""Methods and header names: what a page can send, and the edge can carry."""

import pytest

from cors_proxy.cors.names import METHODS
from cors_proxy.policy.scalars import ScalarError
from cors_proxy.policy.tokens import (
    parse_method,
    parse_method_or_any,
    parse_request_header,
    parse_response_header,
)


def test_what_the_edge_carries() -> None:
    assert {parse_method(name) for name in METHODS} == METHODS
    assert parse_method_or_any("*") == "*"


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("get", "GET"),
        ("patch", "PATCH"),
        ("PACTH", "PATCH"),
        ("Delete", "DELETE"),
        ("CHICKEN", ""),
        ("DELETE ", "DELETE"),
        ("GET\n", ""),
        *(
            (text, "")
            for text in ("TRACE", "connect", "Track", "*", "", "PU T", "GET,PUT", "G\u00caT", "X" * 300)
        ),
    ],
)
def test_other_methods(text: str, suggestion: str) -> None:
    with pytest.raises(ScalarError) as refused:
        parse_method(text)
    assert (refused.value.code, refused.value.suggestion) == ("E406", suggestion)


@pytest.mark.parametrize("text", ["*", "Content-Type", "Authorization", "x-a", "X-HTTP-Method-Override"])
def test_request_headers(text: str) -> None:
    assert parse_request_header(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Cookie",
            "host",
            "Origin",
            "SEC-Fetch-Site",
            "Proxy-Foo",
            "Content-Length",
            "Access-Control-Allow-Origin",
            "AMP-same-Origin",
        ),
        *("X Foo", "X-Foo:", "", "é", "X\n", "x" * 300),
    ],
)
def test_request_headers_that_cannot_be_granted(text: str) -> None:
    with pytest.raises(ScalarError) as refused:
        parse_request_header(text)
    assert refused.value.code == "E407"


def test_response_headers() -> None:
    assert [parse_response_header(text) for text in ("*", "X-Total", "ETag")] == ["*", "X-Total", "ETag"]
    for text in ("Set-Cookie", "SET-COOKIE2", "X Total", ""):
        with pytest.raises(ScalarError) as refused:
            parse_response_header(text)
        assert refused.value.code == "E408"
