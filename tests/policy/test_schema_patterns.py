"""The schema alone: it accepts what the reader accepts, and refuses what an editor can see."""

import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from jsonschema import Draft202012Validator

from cors_proxy.cors.names import METHODS
from cors_proxy.cors.origin import Origin
from cors_proxy.cors.pattern import PatternError, parse_pattern
from cors_proxy.policy.codes.page import ABOUT, REQUIRED
from cors_proxy.policy.schema import json_schema
from cors_proxy.policy.schema_patterns import origin as origin_schema
from cors_proxy.policy.schema_patterns import text

from ..cors.strategies import near_origins, origins
from .reading import MINIMAL, codes
from .test_path_hints import PATHS

VALIDATOR = Draft202012Validator(json_schema())
ORIGIN = re.compile(origin_schema(star=True, patterns=True, https=False)["pattern"])

PATTERNS = """
* null https://*.example.com https://*.example.com:8443 https://*.example.com:*
https://pr-*-eu.example.com:* http://localhost:* http://[::1]:* moz-extension://*
safari-web-extension://* vscode-webview://* app:// capacitor://localhost https://a.example.
app://localhost:*
"""
NO_ORIGINS = r"""
https://app.example/ https://app.example:443 http://a.example:80 HTTPS://app.example
https://APP.example app.example localhost:3000 https://foo.*.example.com https://example.* https://*
*://a.example *.example.com file:///x chrome-extension://* ^https://.*\.example\.com$ http://a:b
https://user@a.example https://a.example?x https://**.example.com
"""


def accepts(policy: str) -> bool:
    value: Any = yaml.safe_load(policy)
    return VALIDATOR.is_valid(value)


def test_the_schema_has_a_name_of_its_own() -> None:
    assert json_schema()["$id"] == "urn:cors-proxy:policy:1"
    assert text("a|b") == {"type": "string", "pattern": "^(?:a|b)$"}


@given(origins())
def test_every_origin_is_accepted(origin: Origin) -> None:
    assert ORIGIN.search(str(origin))


@given(near_origins)
def test_what_is_a_pattern_is_accepted(raw: bytes) -> None:
    try:
        pattern = parse_pattern(raw.decode("latin-1"))
    except PatternError:
        return
    assert ORIGIN.search(str(pattern))


@pytest.mark.parametrize("pattern", PATTERNS.split())
def test_patterns_are_accepted(pattern: str) -> None:
    parse_pattern(pattern)
    assert ORIGIN.search(pattern)


@pytest.mark.parametrize("code", ABOUT)
def test_what_is_right_is_accepted(code: str) -> None:
    right = ABOUT[code].right
    assert right.command or accepts(right.text if right.whole else REQUIRED + right.text)


@pytest.mark.parametrize(
    "text",
    [
        *(f"cors: {{methods: {method}}}\n" for method in ("'*'", *sorted(METHODS)[:3])),
        "cors: {headers: ['*', Authorization, X-A, cookies, Host-Name, Section, Proxy]}\n",
        "cors: {expose: ['*', ETag, Set-Cookies]}\n",
        "cors: {origins: '*', credentials: false}\nroutes: [{path: /, cors: {origins: null, credentials: false}}]\n",
        "listen: '[::]:0'\nadmin: unix:/run/a.sock\nhosts: ['[::1]:80', 10.0.0.1, A_b.example.:443]\n",
        "upstream_host: upstream\nroutes: [{path: /ä, upstream: 'https://[::1]:8/v1/'}, {path: /b/*/c/**}, {path: /}]\n",
        "routes: [{path: /a/**, strip_prefix: /a/}, {path: '${P}', name: '${N}'}, {path: '/b;c=d'}]\n",
        "server: {trusted_proxies: [private, 'fd00::/8', 10.0.0.1], limits: {body_bytes: 0}, timeouts: {response_idle: 0}}\n",
        "cors: {max_age: 0}\n",
    ],
)
def test_what_the_reader_accepts(text: str) -> None:
    value = yaml.safe_load(MINIMAL + text)
    assert list(VALIDATOR.iter_errors(value)) == []
    assert not [code for code in codes(text, P="/p", N="n") if code.startswith("E")]


WRONG = [
    *(f"cors: {{origins: ['{text}']}}\n" for text in NO_ORIGINS.split()),
    "cors: {origins: '*', credentials: true}\n",
    "cors: {origins: [https://a.example, '*'], credentials: true}\n",
    "routes: [{path: /a, cors: {origins: '*', credentials: true}}]\n",
    "self_origins: ['https://*.example.com']\n",
    "self_origins: [null]\n",
    "cors: {accept_from: ['*']}\n",
    "routes: [{path: /a, amp: {publisher: http://e.example}}]\n",
    *(f"cors: {{methods: {text}}}\n" for text in ("get", "patch", "TRACE", "'GET, PUT'", "ALL")),
    *(
        f"cors: {{headers: ['{text}']}}\n"
        for text in (
            "Cookie",
            "HOST",
            "origin",
            "Sec-Fetch-Site",
            "proxy-x",
            "X A",
            "X-A:",
            "Content-Type, X-A",
        )
    ),
    "cors: {headers: [AMP-Same-Origin]}\n",
    "cors: {headers: [Access-Control-Allow-Origin]}\n",
    "cors: {expose: [set-cookie]}\n",
    "cors: {max_age: 10 minutes}\n",
    "cors: {exposeHeaders: [X]}\n",
    "routes: [{path: /a, method: any}]\n",
    *(
        f"routes: [{{path: '{path}'}}]\n"
        for path in ("api", "/a?b", "/a**", "/a//b", "/a/../b", "/**/a", "^/api", "")
    ),
    "listen: :8080\n",
    "listen: 8080\n",
    "hosts: [https://a.example]\n",
    "upstream: localhost:3000\n",
    "upstream: http://a/?x\n",
    "server: {trusted_proxies: [lan]}\n",
    "server: {timeouts: {connect: 0}}\n",
    "server: {limits: {header_bytes: 1}}\n",
    "routes: [{path: /a, strip_prefix: a}]\n",
    "routes: [{path: /a, amp: {email: {senders: [news]}}}]\n",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_an_editor_sees(text: str) -> None:
    policy = (MINIMAL if not text.startswith("upstream:") else "version: 1\n") + text
    assert not accepts(policy)
    assert any(code.startswith("E") for code in codes(policy, whole=True))


def test_paths_that_the_reader_refuses_are_refused() -> None:
    refused = [path for path, _ in PATHS if "E501" in codes(f"routes: [{{path: '{path}'}}]\n")]
    seen = [path for path in refused if not accepts(f"{MINIMAL}routes: [{{path: '{path}'}}]\n")]
    assert len(refused) > 10 and seen == refused
