import pytest

from cors_proxy.cors.decision import Line
from cors_proxy.cors.fetch import (
    Check,
    Failure,
    cors_check,
    needs_preflight,
    normalise_method,
    preflight_check,
    safelisted_header,
    unsafe_names,
)

ORIGIN = b"https://app.example"


def lines(*texts: str) -> list[Line]:
    short = {"ACAO": "Access-Control-Allow-Origin", "ACAC": "access-control-allow-CREDENTIALS", "ACAM": "Access-Control-Allow-Methods",
             "ACAH": "Access-Control-Allow-Headers"}  # fmt: skip
    return [(short[name].encode(), value.encode()) for name, value in (text.split(":", 1) for text in texts)]


@pytest.mark.parametrize(("name", "value", "safe"), [
    ("accept", "text/html, */*", True), ("accept", "a:b", False), ("accept", "x" * 129, False), ("accept", "a\x7f", False), ("accept",
    "a\tb", True),
    ("accept-language", "en, de;q=0.5", True), ("accept-language", "en_US", False), ("content-language", "de", True),
    ("content-type", "text/plain;charset=utf-8", True), ("content-type", "Text/PLAIN", True), ("content-type", "application/json", False),
    ("content-type", "multipart/form-data; boundary=b", True), ("content-type", 'text/plain; x="y"', False), ("content-type",
    "text/plainx", False),
    ("range", "bytes=0-", True), ("range", "bytes=5-9", True), ("range", "bytes=9-5", False), ("range", "bytes=-5", False), ("range",
    "bytes=0-1,3-4", False),
    ("range", "bytes = 0-", False), ("x-foo", "1", False), ("authorization", "x", False),
])  # fmt: skip
def test_safelisted_headers(name: str, value: str, safe: bool) -> None:
    assert safelisted_header(name.encode(), value.encode()) is safe


@pytest.mark.parametrize(("headers", "unsafe"), [
    ([("X-B", "1"), ("x-a", "1"), ("X-A", "2"), ("Accept", "*/*")], ["x-a", "x-b"]),
    ([("Content-Type", "application/json")], ["content-type"]),
    ([("Content-Type", None)], ["content-type"]),
    ([("Cookie", "a=b"), ("Sec-Fetch-Site", "x"), ("Host", "x")], []),
    ([(f"Accept{'-Language' * (n % 2)}", "a" * 128) for n in range(9)], ["accept", "accept-language"]),
    ([("Accept", "a" * 128)] * 8, []),
])  # fmt: skip
def test_unsafe_names(headers: list[tuple[str, str | None]], unsafe: list[str]) -> None:
    found = unsafe_names(
        (name.encode(), None if value is None else value.encode()) for name, value in headers
    )
    assert found == [name.encode() for name in unsafe]


def test_methods() -> None:
    assert [normalise_method(method) for method in (b"get", b"Delete", b"patch", b"PATCH")] == [
        b"GET",
        b"DELETE",
        b"patch",
        b"PATCH",
    ]


@pytest.mark.parametrize(("method", "unsafe", "listener", "asks"), [
    (b"GET", [], False, False), (b"post", [], False, False), (b"PUT", [], False, True), (b"GET", [b"x-a"], False, True), (b"POST", [],
    True, True),
    (b"patch", [], False, True),
])  # fmt: skip
def test_needs_preflight(method: bytes, unsafe: list[bytes], listener: bool, asks: bool) -> None:
    assert needs_preflight(method, unsafe, listener) is asks


@pytest.mark.parametrize(("answer", "credentials", "failure", "value"), [
    ([], False, Check.MISSING_ALLOW_ORIGIN, ""),
    (["ACAO:https://app.example"], False, None, ""),
    (["ACAO: https://app.example "], False, None, ""),
    (["ACAO:*"], False, None, ""),
    (["ACAO:*", "ACAC:true"], True, Check.WILDCARD_ORIGIN, "*"),
    (["ACAO:https://app.example"], True, Check.INVALID_ALLOW_CREDENTIALS, ""),
    (["ACAO:https://app.example", "ACAC:True"], True, Check.INVALID_ALLOW_CREDENTIALS, "True"),
    (["ACAO:https://app.example", "ACAC:true", "ACAC:true"], True, Check.INVALID_ALLOW_CREDENTIALS, "true, true"),
    (["ACAO:https://app.example", "ACAC:true"], True, None, ""),
    (["ACAO:https://app.example", "ACAO:https://app.example"], False, Check.MULTIPLE_ALLOW_ORIGIN,
    "https://app.example, https://app.example"),
    (["ACAO:*", "ACAO:*"], False, Check.MULTIPLE_ALLOW_ORIGIN, "*, *"),
    (["ACAO:https://x.test"], False, Check.ALLOW_ORIGIN_MISMATCH, "https://x.test"),
    (["ACAO:https://app.example/"], False, Check.ALLOW_ORIGIN_MISMATCH, "https://app.example/"),
    (["ACAO:https://APP.example"], False, Check.ALLOW_ORIGIN_MISMATCH, "https://APP.example"),
    (["ACAO:null"], False, Check.ALLOW_ORIGIN_MISMATCH, "null"),
    (["ACAO:app.example"], False, Check.INVALID_ALLOW_ORIGIN, "app.example"),
    (["ACAO:"], False, Check.INVALID_ALLOW_ORIGIN, ""),
    (["ACAO:https://*.example"], False, Check.INVALID_ALLOW_ORIGIN, "https://*.example"),
])  # fmt: skip
def test_cors_check(answer: list[str], credentials: bool, failure: Check | None, value: str) -> None:
    found = cors_check(ORIGIN, credentials, lines(*answer))
    assert found == (None if failure is None else Failure(failure, value.encode()))


OK = ["ACAO:https://app.example", "ACAC:true"]


@pytest.mark.parametrize(("answer", "status", "method", "unsafe", "credentials", "failure", "value"), [
    ([*OK, "ACAM:PUT, PATCH", "ACAH:X-A,content-type"], 204, "PUT", ["content-type", "x-a"], True, None, ""),
    ([*OK], 200, "POST", [], True, None, ""),
    ([], 403, "PUT", [], False, Check.MISSING_ALLOW_ORIGIN, ""),
    ([*OK], 404, "GET", [], False, Check.PREFLIGHT_STATUS, "404"),
    ([*OK], 304, "GET", [], False, Check.PREFLIGHT_STATUS, "304"),
    ([*OK], 307, "GET", [], False, Check.PREFLIGHT_REDIRECT, "307"),
    ([*OK, "ACAM:GET; PUT", "ACAH:x y"], 200, "PUT", [], False, Check.INVALID_ALLOW_METHODS, "GET; PUT"),
    ([*OK, "ACAM:GET", "ACAH:x y"], 200, "PUT", [], False, Check.INVALID_ALLOW_HEADERS, "x y"),
    ([*OK, "ACAM:GET"], 200, "PUT", ["x-a"], False, Check.METHOD_DISALLOWED, "PUT"),
    ([*OK, "ACAM:put"], 200, "PUT", [], False, Check.METHOD_DISALLOWED, "PUT"),
    ([*OK, "ACAM:*"], 200, "PUT", [], False, None, ""),
    ([*OK, "ACAM:*"], 200, "PUT", [], True, Check.METHOD_DISALLOWED, "PUT"),
    ([*OK, "ACAM:GET", "ACAM:PUT"], 200, "PUT", [], True, None, ""),
    ([*OK, "ACAH:*"], 200, "GET", ["x-a"], False, None, ""),
    ([*OK, "ACAH:*"], 200, "GET", ["x-a"], True, Check.HEADER_DISALLOWED, "x-a"),
    ([*OK, "ACAH:*"], 200, "GET", ["accept", "authorization"], False, Check.HEADER_DISALLOWED, "authorization"),
    ([*OK, "ACAH:x-b"], 200, "GET", ["x-b", "x-c", "x-a"], False, Check.HEADER_DISALLOWED, "x-a"),
])  # fmt: skip
def test_preflight_check(
    answer: list[str],
    status: int,
    method: str,
    unsafe: list[str],
    credentials: bool,
    failure: Check | None,
    value: str,
) -> None:
    """In the order of the standard: of two things that are wrong the first is named."""
    names = [name.encode() for name in unsafe]
    found = preflight_check(ORIGIN, credentials, method.encode(), names, status, lines(*answer))
    assert found == (None if failure is None else Failure(failure, value.encode()))
