"""Which wildcards are over a public suffix."""

import subprocess
import sys

import pytest
from publicsuffixlist import PublicSuffixList

from cors_proxy.cors.pattern import parse_pattern
from cors_proxy.policy import suffixes
from cors_proxy.policy.suffixes import is_public_suffix, registrable_domain, wildcard_public_suffix


@pytest.mark.parametrize(
    ("pattern", "suffix"),
    [
        ("https://*.com", "com"),
        ("https://pr-*.com", "com"),
        ("https://*.co.uk:8443", "co.uk"),
        ("https://*.github.io", "github.io"),
        ("https://x*.github.io:*", "github.io"),
        ("https://*.ck", "ck"),  # *.ck
        ("https://*.kawasaki.jp", "kawasaki.jp"),
        ("https://*.x.kawasaki.jp", "x.kawasaki.jp"),
        ("https://*.xn--p1ai", "xn--p1ai"),
        ("https://*.city.kawasaki.jp", ""),  # !city.kawasaki.jp
        ("https://*.example.com", ""),
        ("https://*.acme.github.io", ""),
        ("https://*.localhost", ""),
        ("https://*.test", ""),
        ("https://*.internal", ""),
        ("https://com:*", ""),
        ("http://localhost:*", ""),
        ("moz-extension://*", ""),
    ],
)
def test_only_listed_suffixes_count(pattern: str, suffix: str) -> None:
    assert wildcard_public_suffix(parse_pattern(pattern)) == suffix


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("a.b.example.com", "example.com"),
        ("a.co.uk", "a.co.uk"),
        ("x.acme.github.io", "acme.github.io"),
        ("co.uk", ""),
        ("localhost", ""),
        ("www.a.internal", "a.internal"),  # as in a browser
        ("internal", ""),
        ("127.0.0.1", ""),
        ("::1", ""),
    ],
)
def test_one_label_more_than_the_suffix(name: str, domain: str) -> None:
    assert registrable_domain(name) == domain


@pytest.mark.parametrize(
    ("origin", "loaded"), [("https://app.example", "False"), ("https://*.app.example", "True")]
)
def test_the_list_is_loaded_for_wildcards_alone(origin: str, loaded: str) -> None:
    code = (
        "import sys; from cors_proxy.policy.read import parse_policy;"
        f"parse_policy('{{version: 1, upstream: \"http://a\", cors: {{origins: \"{origin}\"}}}}', 'p', '');"
        "print('publicsuffixlist' in sys.modules)"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == loaded
    )


def test_the_rules_of_one_domain_decide_as_all_of_them_do() -> None:
    whole = PublicSuffixList(accept_unknown=False)
    rules = [
        rule for rule in whole._publicsuffix if rule[-1:].isdigit() or "xn--" in rule or rule[:1] in "*!"
    ]
    assert len(rules) > 200
    for rule in rules:
        name = rule.lstrip("!*.")
        for tried in (name, f"a.{name}", f"b.a.{name}", f"{name}x", name.upper()):
            expected = whole.publicsuffix(tried) == tried.lower()
            assert is_public_suffix(tried.lower()) is expected, tried


def test_the_memory_of_top_level_domains_is_bounded() -> None:
    for number in range(70):
        registrable_domain(f"a.b.label{number}")
    assert suffixes._load_list.cache_info().currsize <= 64
