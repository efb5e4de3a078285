import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.origins import OriginSet
from cors_proxy.cors.pattern import parse_pattern
from cors_proxy.cors.place import Place
from cors_proxy.cors.spec import OriginRule

from .strategies import near_origins, origins, thorough


def rules(*texts: str) -> list[OriginRule]:
    return [OriginRule(parse_pattern(text), Place("p.yaml", line, 1)) for line, text in enumerate(texts, 1)]


PATTERNS = [
    "https://app.example", "https://*.apps.example:8443", "https://*.example", "https://a.example:*", "https://*.a.example:*",
    "https://pr-*.example.com", "https://pr-*-1.example.com:*", "https://*-.example.com", "http://localhost:*", "moz-extension://*", "null",
]  # fmt: skip
PORT = r"(?::(?!443$)(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]))?"


def naive(text: str, raw: bytes) -> bool:
    """The oracle: a regular expression for each pattern, on hosts without addresses."""
    expression = re.escape(text).replace(r"/\*\.", r"/[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.").replace(r":\*", PORT)
    expression = expression.replace(
        r"//\*", r"//[A-Za-z0-9._~-]+" if "extension" in text else r"//[a-z0-9-]+"
    ).replace(r"\*", "[a-z0-9-]+")
    if text.startswith("http://"):
        expression = expression.replace("443", "80")
    return len(raw) < 250 and re.fullmatch(expression.encode(), raw) is not None


@thorough
@given(st.lists(st.sampled_from(PATTERNS), max_size=6), near_origins | origins().map(bytes))
def test_matching_equals_a_naive_oracle(texts: list[str], raw: bytes) -> None:
    found = OriginSet(rules(*texts)).find(raw)
    assert (found is not None) == any(naive(text, raw) for text in texts)
    assert found is None or naive(str(found.pattern), raw)


def test_the_oracle_knows_the_patterns() -> None:
    """Each of them is found by something, or the property above would prove nothing."""
    for text, raw in [
        ("https://*.apps.example:8443", b"https://a.b.apps.example:8443"), ("https://*.example", b"https://x.example"),
        ("https://a.example:*", b"https://a.example:3000"), ("https://a.example:*", b"https://a.example"),
        ("https://pr-*.example.com", b"https://pr-1-x.example.com"), ("https://pr-*-1.example.com:*", b"https://pr-a-1.example.com:9"),
        ("https://*-.example.com", b"https://a-.example.com"), ("moz-extension://*", b"moz-extension://0b-1C"), ("null", b"null"),
    ]:  # fmt: skip
        assert naive(text, raw) and OriginSet(rules(text)).find(raw)


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("https://x.example.com", 3),  # the exact one, wherever it stands
        ("https://yy.example.com", 2),  # the part of its label
        ("https://y.example.com", 1),
        ("https://a.b.example.com", 4),  # the longest domain
        ("https://a.c.example.com", 1),
        ("https://a.c.example.com:8443", None),
        ("https://example.com", None),
    ],
)
def test_overlaps_have_one_deciding_rule(raw: str, line: int | None) -> None:
    found = OriginSet(
        rules(
            "https://*.example.com",
            "https://y*.example.com",
            "https://x.example.com",
            "https://*.b.example.com",
            "https://x.example.com",
        )
    )
    rule = found.find(raw.encode())
    assert (rule.place.line if rule else None) == line


def test_an_extension_s_host_is_a_name_alone() -> None:
    found = OriginSet(rules("moz-extension://*"))
    assert found.find(b"moz-extension://8c1b-9a52") is not None
    assert not any(
        map(
            found.find,
            [
                b"moz-extension://x:80",
                b"moz-extension://[::1]",
                b"moz-extension://",
                b"safari-web-extension://x",
            ],
        )
    )


def test_the_star_is_told_apart() -> None:
    found = OriginSet(rules("*", "https://app.example"))
    assert found.any is not None and found.any.place.line == 1
    assert found.find(b"https://any.example") is None


def test_ten_thousand_are_found_as_one() -> None:
    """By look-ups alone: the set never walks its rules."""
    many = OriginSet(
        rules(
            *(f"https://a{number}.example" for number in range(10_000)),
            *(f"https://*.b{number}.example" for number in range(1_000)),
        )
    )
    assert many.find(b"https://a9999.example") is many.exact[b"https://a9999.example"]
    assert many.find(b"https://x.y.b999.example") is not None
    assert many.find(b"https://x.b1000.example") is None
