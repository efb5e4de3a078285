import pytest

from cors_proxy.cors.amp import publisher_origins, source_origins, without_source_origin
from cors_proxy.cors.decision import Forward
from cors_proxy.cors.judge import judge
from cors_proxy.cors.pattern import parse_pattern
from cors_proxy.cors.reason import Reason

from .sites import request, site


def test_publisher_origins() -> None:
    hashed = "un42n5xov642kxrxrqiyanhcoupgql5lt4wtbkyt2ijflbwodfdq"
    caches = ["cdn.ampproject.org", "www.bing-amp.com", "bing-amp.com"]
    expected = [f"https://{label}.{cache}" for cache in caches for label in ("example-com", hashed)]
    assert list(publisher_origins(parse_pattern("https://example.com"))) == ["https://example.com", *expected]
    assert publisher_origins(parse_pattern("https://example.com:8443"), ["amp.example"])[:2] == (
        "https://example.com:8443", "https://example-com.amp.example"
    )  # fmt: skip
    assert publisher_origins(parse_pattern("https://example.com"), []) == ("https://example.com",)


@pytest.mark.parametrize(("query", "stripped", "values"), [
    (None, None, []),
    ("", None, []),
    ("a=1", None, []),
    ("x__amp_source_origin=1&__amp_source_origin2=2", None, []),
    ("__amp_source_origin=https%3A%2F%2Fa.example", "/p", ["https://a.example"]),
    ("__amp_source_origin", "/p", [""]),
    ("a=%20b&__amp_source_origin=x&c=+&&d=%2f", "/p?a=%20b&c=+&&d=%2f", ["x"]),
    ("__amp_source_origin=a&x=1&__amp_source_origin=b", "/p?x=1", ["a", "b"]),
    ("%5F_amp_source_origi%6e=a&b", "/p?b", ["a"]),
    ("b&__amp_source_origin=%", "/p?b", ["%"]),
])  # fmt: skip
def test_source_origin(query: str | None, stripped: str | None, values: list[str]) -> None:
    asked = request(target="/p" if query is None else f"/p?{query}")
    assert without_source_origin(asked) == (None if stripped is None else stripped.encode())
    assert source_origins(asked.query) == [value.encode() for value in values]


def test_each_publisher_has_its_line_and_the_grant_its_origin() -> None:
    rules = site("""
routes:
  - path: /**
    amp:
      publisher:
        - https://one.example
        - https://two.example
""")
    for origin, line in (
        ("https://one-example.cdn.ampproject.org", 8),
        ("https://two-example.bing-amp.com", 9),
        ("https://two.example", 9),
    ):
        decision = judge(rules, request(Origin=origin)).decision
        assert isinstance(decision, Forward) and decision.rule is not None and decision.rule.line == line
        assert decision.grant.lines[0] == (b"Access-Control-Allow-Origin", origin.encode())
    refused = judge(rules, request()).decision
    assert refused.reason is Reason.AMP_SAME_ORIGIN_MISSING and str(refused.rule) == "policy.yaml:6"
    same = judge(rules, request(AMP_Same_Origin="true")).decision
    assert (same.reason, same.grant.lines[0][1]) == (Reason.AMP_SAME_ORIGIN, b"https://one.example")
