import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.origin import Origin
from cors_proxy.cors.pattern import ANY_PORT, PatternError, parse_pattern

from .strategies import near_origins, origins, thorough


@thorough
@given(origins())
def test_every_origin_is_a_pattern(origin: Origin) -> None:
    pattern = parse_pattern(str(origin))
    assert (pattern.kind, pattern.scheme, pattern.host, pattern.port) == ("exact", *origin)
    assert str(pattern) == str(origin)


@thorough
@given(near_origins.map(lambda raw: raw.decode("latin-1")) | st.text(max_size=24))
def test_a_suggestion_leads_to_a_pattern_or_stays_an_error(text: str) -> None:
    for _ in range(4):
        try:
            parse_pattern(text)
        except PatternError as error:
            assert error.message and error.suggestion != text
            if error.suggestion is None:
                return
            text = error.suggestion
        else:
            return
    raise AssertionError(text)


@pytest.mark.parametrize(
    ("text", "kind", "host", "port", "prefix", "suffix"),
    [
        ("*", "any", "", None, "", ""),
        ("null", "null", "", None, "", ""),
        ("https://*.example.com", "subdomains", "example.com", None, "", ""),
        ("https://*.example.com:8443", "subdomains", "example.com", 8443, "", ""),
        ("https://*.example.com:*", "subdomains", "example.com", ANY_PORT, "", ""),
        ("http://*.localhost", "subdomains", "localhost", None, "", ""),
        ("https://pr-*.example.com", "part", "example.com", None, "pr-", ""),
        ("https://pr-*-eu.example.com:*", "part", "example.com", ANY_PORT, "pr-", "-eu"),
        ("https://*-eu.example.com", "part", "example.com", None, "", "-eu"),
        ("http://localhost:*", "host", "localhost", ANY_PORT, "", ""),
        ("http://[::1]:*", "host", "[::1]", ANY_PORT, "", ""),
        ("moz-extension://*", "scheme", "", None, "", ""),
        ("safari-web-extension://*", "scheme", "", None, "", ""),
        ("vscode-webview://*", "scheme", "", None, "", ""),
        ("app://", "exact", "", None, "", ""),
    ],
)
def test_forms(text: str, kind: str, host: str, port: int | None, prefix: str, suffix: str) -> None:
    found = parse_pattern(text)
    assert (found.kind, found.host, found.port, found.prefix, found.suffix) == (
        kind,
        host.encode(),
        port,
        prefix.encode(),
        suffix.encode(),
    )


@pytest.mark.parametrize(
    ("text", "message", "suggestion"),
    [
        ("https://app.example/", "slash", "https://app.example"),
        ("https://app.example/login?x#y", "path", "https://app.example"),
        ("https://app.example\\x", "path", "https://app.example"),
        ("https://u:p@app.example", "user", "https://app.example"),
        ("HTTPS://App.example", "upper case", "https://app.example"),
        ("chrome-extension://ABC", "upper case", "chrome-extension://abc"),
        ("https://app.example:443", "default port", "https://app.example"),
        ("http://localhost:080", "port", "http://localhost"),
        ("https://*.example.com:443", "default port", "https://*.example.com"),
        ("https://*.EXAMPLE.com/", "slash", "https://*.example.com"),
        ("https://app.example:06060", "leading zeros", "https://app.example:6060"),
        ("https://app.example:0", "port", None),
        ("https://app.example:65536", "port", None),
        ("https://app.example:x", "port", None),
        ("https://app.example:", "port", "https://app.example"),
        ("app.example", "scheme", "https://app.example"),
        ("*.example.com", "scheme", "https://*.example.com"),
        ("*://app.example", "scheme", "https://app.example"),
        ("https://%61pp.example", "decoded", "https://app.example"),
        ("http://127.1:90", "IPv4", "http://127.0.0.1:90"),
        ("http://0177.0x1", "IPv4", "http://127.0.0.1"),
        ("http://2130706433", "IPv4", "http://127.0.0.1"),
        ("http://1.2.3.4.5", "IPv4", None),
        ("http://[0:0::1]:90", "IPv6", "http://[::1]:90"),
        ("http://[::ffff:7f7f:7f7f]", "IPv6", None),
        (" https://app.example ", "white space", "https://app.example"),
        ("https://app .example", "white space", None),
        ("https://b\u00fccher.example", "ASCII", None),
        ("", "empty", None),
        ("https://", "host", None),
        ("https://app..example", "not an origin", None),
        ("file:///x", "files", None),
        ("https://foo.*.example.com", "one star", None),
        ("https://**.example.com", "one star", "https://*.example.com"),
        ("http://localhost*", "domain", "http://localhost:*"),
        ("https://*", "domain", None),
        ("https://pr-*", "domain", None),
        ("https://example.*", "one star", None),
        ("http://*.127.0.0.1", "address", None),
        ("chrome-extension://*", "name the origin", None),
    ],
)
def test_refused_with_a_hint(text: str, message: str, suggestion: str | None) -> None:
    with pytest.raises(PatternError) as caught:
        parse_pattern(text)
    assert message in caught.value.message
    assert caught.value.suggestion == suggestion
