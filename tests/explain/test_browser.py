"""The browser's way through a policy, and what the page gets."""

import pytest

from cors_proxy.explain.browser import Explanation, Verdict
from tests.explain.conftest import TEXT, Explain

APP, EVIL, OWN = "https://app.example", "https://evil.example", "https://api.example"


@pytest.mark.parametrize(
    ("where", "origin", "method", "headers", "credentials", "verdict", "requests", "rule", "check"),
    [
        ("/r", APP, "GET", (), False, "allowed", "GET", 8, ""),
        ("/r", APP, "GET", (), True, "allowed", "GET", 8, ""),
        ("/r", "https://a.b.apps.example.com", "GET", (), False, "allowed", "GET", 9, ""),
        ("/r", APP, "POST", ("Content-Type: text/plain",), False, "allowed", "POST", 8, ""),
        ("/r", APP, "POST", ("Content-Type: application/json",), False, "allowed", "OPTIONS POST", 8, ""),
        ("/r", APP, "PUT", ("X-Foo",), True, "allowed", "OPTIONS PUT", 8, ""),
        ("/r", APP, "DELETE", (), False, "blocked", "OPTIONS", 10, "MethodDisallowedByPreflightResponse"),
        ("/r", APP, "put", (), False, "allowed", "OPTIONS PUT", 8, ""),
        ("/r", APP, "patch", (), False, "blocked", "OPTIONS", 10, "MethodDisallowedByPreflightResponse"),
        (
            "/r",
            APP,
            "GET",
            ("X-Bar",),
            False,
            "blocked",
            "OPTIONS",
            11,
            "HeaderDisallowedByPreflightResponse",
        ),
        ("/r", EVIL, "GET", (), False, "blocked", "GET", 7, "MissingAllowOriginHeader"),
        ("/r", EVIL, "PUT", (), False, "blocked", "OPTIONS", 7, "MissingAllowOriginHeader"),
        ("/r", "https://APP.example", "GET", (), False, "blocked", "GET", 7, "MissingAllowOriginHeader"),
        ("/r", "null", "GET", (), False, "blocked", "GET", 7, "MissingAllowOriginHeader"),
        ("/r", "https://idp.example", "POST", (), False, "blocked", "POST", 14, "MissingAllowOriginHeader"),
        ("/r", "https://idp.example", "PUT", (), False, "blocked", "OPTIONS", 7, "MissingAllowOriginHeader"),
        ("/r", OWN, "DELETE", (), False, "allowed", "DELETE", 5, ""),
        ("https://b.example/r", OWN, "GET", (), False, "blocked", "GET", 5, "MissingAllowOriginHeader"),
        ("/mine/x", OWN, "GET", (), False, "refused", "GET", 21, ""),
        ("/mine/x", OWN, "POST", (), False, "allowed", "POST", 5, ""),
        ("/public/x", EVIL, "GET", (), False, "allowed", "GET", 18, ""),
        ("/public/x", EVIL, "GET", (), True, "blocked", "GET", 18, "WildcardOriginNotAllowed"),
        ("/public/x", EVIL, "PUT", (), True, "blocked", "OPTIONS", 18, "WildcardOriginNotAllowed"),
        ("/public/x", EVIL, "POST", (), False, "refused", "POST", 18, ""),
        (
            "/public/x",
            EVIL,
            "DELETE",
            (),
            False,
            "blocked",
            "OPTIONS",
            18,
            "MethodDisallowedByPreflightResponse",
        ),
        ("/plain/x", APP, "GET", (), True, "blocked", "GET", 25, "InvalidAllowCredentials"),
        ("/amp/x", "https://news.example", "GET", (), True, "allowed", "GET", 29, ""),
        ("/amp/x", OWN, "GET", (), False, "refused", "GET", 29, ""),
        ("/amp/x", OWN, "GET", ("AMP-Same-Origin: true",), False, "allowed", "GET", 29, ""),
        (
            "/amp/x",
            EVIL,
            "GET",
            ("AMP-Same-Origin: true",),
            False,
            "blocked",
            "OPTIONS",
            28,
            "MissingAllowOriginHeader",
        ),
        ("/old/x", EVIL, "DELETE", (), False, "unjudged", "OPTIONS DELETE", 31, ""),
        ("/a/%2e%2e/b", APP, "GET", (), False, "blocked", "GET", None, "MissingAllowOriginHeader"),
        ("wss://api.example/r", APP, "GET", (), True, "allowed", "GET", 8, ""),
        ("wss://api.example/r", EVIL, "GET", (), True, "blocked", "GET", 7, ""),
        ("wss://api.example/r", "https://idp.example", "GET", (), True, "blocked", "GET", 7, ""),
        ("wss://api.example/plain/x", APP, "GET", (), True, "blocked", "GET", 26, ""),
        ("/r", None, "POST", (), False, "allowed", "POST", 6, ""),
        ("/mine/x", None, "POST", (), False, "refused", "POST", 21, ""),
        ("/r", APP, "TRACE", (), False, "blocked", "", None, ""),
    ],
)
def test_verdicts(
    explained: Explain, where: str, origin: str | None, method: str, headers: tuple[str, ...], credentials: bool,
    verdict: str, requests: str, rule: int | None, check: str,
) -> None:  # fmt: skip
    found = explained(where, origin, method, *headers, credentials=credentials)
    failure = found.steps[-1].failure if found.steps else None
    assert found.verdict.value == verdict
    assert " ".join(step.exchange.request.method.decode() for step in found.steps) == requests
    assert (found.rule.line if found.rule else None) == rule
    assert (failure.check.value if failure else "") == check
    assert found.allowed is (verdict in ("allowed", "unjudged"))
    assert bool(found.console) is (verdict == "blocked" and bool(requests))


def test_an_upload_listener_needs_a_preflight(explained: Explain) -> None:
    assert explained(method="POST").preflight_reason == ""
    found = explained(method="POST", upload_listener=True)
    assert (found.preflight_reason, found.verdict) == ("the upload has a listener", Verdict.ALLOWED)


def test_forbidden_headers_are_left_out(explained: Explain) -> None:
    found = explained("/r", APP, "GET", "Sec-Fetch-Site: none", "Cookie: a=b", "Origin: https://evil.example")
    assert found.preflight_reason == ""
    assert [name for name, _ in found.steps[0].exchange.request_lines] == [
        b"Host",
        b"Origin",
        b"Sec-Fetch-Site",
    ]
    assert sum("forbidden" in note for note in found.notes) == 3


@pytest.mark.parametrize(
    ("mode", "verdicts"),
    [
        ("headers", ("allowed", "blocked", "blocked", "allowed")),
        ("report", ("unjudged", "unjudged", "unjudged", "allowed")),
    ],
)
def test_modes(explained: Explain, mode: str, verdicts: tuple[str, ...]) -> None:
    text = TEXT + f"mode: {mode}\n"
    asked = (("/r", APP, "GET"), ("/r", EVIL, "GET"), ("/r", APP, "DELETE"), ("/mine/x", OWN, "GET"))
    found = [explained(*each, policy=text) for each in asked]
    assert tuple(each.verdict.value for each in found) == verdicts
    assert any(f"mode: {mode}" in note and "origin-not-allowed" in note for note in found[1].notes)


def test_a_safelisted_method_passes_the_preflight_and_is_refused_itself(explained: Explain) -> None:
    found = explained("/public/x", EVIL, "POST", upload_listener=True)
    assert [(step.exchange.request.method, step.exchange.status, step.failure) for step in found.steps] == [
        (b"OPTIONS", 204, None),
        (b"POST", 403, None),
    ]
    assert (found.verdict, found.rule and found.rule.line) == (Verdict.REFUSED, 18)


def test_the_console_names_the_true_cause_unless_refusals_are_bare(explained: Explain) -> None:
    text = TEXT + "server: {debug: true}\n"

    def console(found: Explanation) -> str:
        return found.console[0].text.partition("CORS policy: ")[2]

    assert console(explained("/r", APP, "DELETE", policy=text)).startswith(
        "Method DELETE is not allowed by Access-Control-Allow-Methods"
    )
    assert console(explained("/r", APP, "PUT", "X-Bar")).startswith(
        "Request header field x-bar is not allowed"
    )
    several = explained("/r", APP, "PUT", "X-Bar", "X-Baz")
    assert any("of several refused headers" in note for note in several.notes)
    bare = text.replace("cors:\n", "cors:\n  preflight: {refusal: bare}\n", 1)
    assert bare != text and "No 'Access-Control-Allow-Origin' header" in console(
        explained("/r", APP, "DELETE", policy=bare)
    )
    refused = explained("/r", EVIL, policy=text).steps[0].exchange.response_lines
    assert (b"CORS-Proxy-Reason", b"origin-not-allowed") in refused
    assert (b"CORS-Proxy-Rule", b"policy.yaml:7") in refused


def test_what_script_can_read(explained: Explain) -> None:
    assert explained().readable_headers[-1] == "X-Total"
    assert "content-type" in explained().readable_headers
    assert explained("/r", EVIL).readable_headers == ()


@pytest.mark.parametrize(
    ("where", "origin", "words"),
    [
        ("/r", "https://app.example/", "write https://app.example"),
        ("/r", "https://*.apps.example.com", "no browser sends such an Origin"),
        ("/r", "http://api.example", "self_origins"),
        ("https://b.example/r", OWN, "such a page gets no grant"),
        ("/a/../b", APP, "a browser resolves dot segments"),
        ("/old/x", APP, "unknown here"),
    ],
)
def test_notes(explained: Explain, where: str, origin: str, words: str) -> None:
    assert any(words in note for note in explained(where, origin).notes)


@pytest.mark.parametrize(
    ("url", "top", "verdicts"),
    [
        ("ws://localhost/r", "", ["blocked", "allowed"]),
        ("wss://api.example/r", "", ["blocked", "allowed"]),
        ("wss://api.example/r", "hosts: [api.example]\n", []),
        ("wss://api.example/r", "self_origins: [https://api.example]\n", []),
        ("ws://api.example/r", "", []),  # no browser sends Sec-Fetch-Site to plain HTTP
    ],
)
def test_a_page_s_own_socket(explained: Explain, url: str, top: str, verdicts: list[str]) -> None:
    policy = f"version: 1\nupstream: http://127.0.0.1:3000\n{top}cors: {{origins: [https://app.example]}}\n"
    found = explained(url, url.replace("ws", "http", 1).removesuffix("/r"), policy=policy)
    assert [each.verdict.value for each in found.browsers] == verdicts
    assert [each.browser for each in found.browsers] == ["chromium", "firefox"][: len(verdicts)]
    if verdicts:
        assert found.verdict is Verdict.BLOCKED
        assert [message.browser for message in found.console] == ["chromium"]
        assert not any(name == b"Sec-Fetch-Site" for name, _ in found.steps[0].exchange.request_lines)
