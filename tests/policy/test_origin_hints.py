"""Origins as people write them, and the form that a browser sends: nothing that cannot exist."""

import pytest

from cors_proxy.cors.pattern import PatternError, parse_pattern
from cors_proxy.policy.origin_hints import origin_hint, suggest_origin

from .reading import problems


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("https://app.example/", "https://app.example"),
        ("HTTPS://App.Example:443/x?y#z", "https://app.example"),
        (" https://app.example ", "https://app.example"),
        ("https:/app.example", "https://app.example"),
        ("HTTPS:app.example", "https://app.example"),
        ("NULL", "null"),
        ("app.example", "https://app.example"),
        ("résumé.com:8443", "https://xn--rsum-bpad.com:8443"),
        ("https://RÉSUMÉ.com/", "https://xn--rsum-bpad.com"),
        ("https://user@résumé.com/", "https://xn--rsum-bpad.com"),
        ("https://*.résumé.com", "https://*.xn--rsum-bpad.com"),
        ("https://faß.de", "https://xn--fa-hia.de"),
        ("https://💩.la", "https://xn--ls8h.la"),
        ("http://127.1:90", "http://127.0.0.1:90"),
        ("http://[0:0::1]", "http://[::1]"),
        ("localhost:3000", "http://localhost:3000"),
        ("127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("https://app.example/*", "https://app.example"),
        ("http://localhost:30*", "http://localhost:*"),
        ("http://localhost*", "http://localhost:*"),
        (".example.com", "https://*.example.com"),
        ("*://app.example", "https://app.example"),
        ("https://**.example.com", "https://*.example.com"),
        (r"^https://.*\.example\.com$", "https://*.example.com"),
        (r"/\.example\.com$/", "https://*.example.com"),
        (r"https://([a-z0-9-]+\.)*example\.com", "https://*.example.com"),
        (r"^https?://[^.]+\.example\.com(:\d+)?$", "https://*.example.com:*"),
        (r"^https://app\.example\.com$", "https://app.example.com"),
        (r"https:\/\/(.+\.)?example\.com", "https://*.example.com"),
        (r"^https://(a|b)\.example\.com$", ""),
        (r"^https://.*\.com$", ""),  # a public suffix
        ("*.com", ""),
        ("https://", ""),
        ("https://a\ufffd.example", ""),
        ("nonsense é nonsense", ""),
    ],
)
def test_hints_show_what_a_browser_sends(text: str, suggestion: str) -> None:
    assert suggest_origin(text) == suggestion
    if suggestion:
        parse_pattern(suggestion)
    with pytest.raises(PatternError):
        parse_pattern(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            "https://my-app-*.vercel.app",
            "list each origin, or write dangerously_allow: [public-suffix-wildcards]",
        ),
        ("https://*.github.io", "list each origin, or write dangerously_allow: [public-suffix-wildcards]"),
        ("https://*example.com", "write https://*.example.com"),
        ("https://*example.co.uk:8443", "write https://*.example.co.uk:8443"),
        ("https://*.co.uk", "write https://*.your-name.co.uk"),
        ("https://pr-*.com:*", "write https://pr-*.your-name.com:*"),
        ("https://*-eu.com", "write https://*-eu.your-name.com"),
        (
            "http://192.168.1.5",
            "write dangerously_allow: [insecure-origins], if nobody else is in that network",
        ),
        (
            "http://[fd00::1]",
            "write dangerously_allow: [insecure-origins], if nobody else is in that network",
        ),
        (
            "http://intranet:8080",
            "write dangerously_allow: [insecure-origins], if nobody else is in that network",
        ),
        (
            "http://nas.local",
            "write dangerously_allow: [insecure-origins], if nobody else is in that network",
        ),
        ("http://app.example:8080", "write https://app.example"),
        ("http://*.app.example:*", "write https://*.app.example:*"),
        ("http://app.example:443", "write https://app.example"),
    ],
)
def test_a_hint_leads_to_what_can_exist(text: str, hint: str) -> None:
    (problem,) = problems(f"cors: {{origins: ['{text}'], credentials: true}}\n")
    assert problem.hint == hint
    if (problem.hint + " ").startswith("write http"):
        assert (
            problems(f"cors: {{origins: ['{problem.hint.removeprefix('write ')}'], credentials: true}}\n")
            == []
        )


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("https://a.example, https://b.example", "write each origin as an entry of its own"),
        ("file:///index.html", "serve the page from a web server: null would let every sandboxed frame in"),
        ("https://a.*.example.com", "list each origin"),
        ("https://", ""),
    ],
)
def test_hints_that_are_not_one_text(text: str, hint: str) -> None:
    assert origin_hint(text) == hint
