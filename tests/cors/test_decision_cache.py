"""The cache of decisions is bounded."""

from cors_proxy.cors.judge import judge
from cors_proxy.cors.reason import Reason

from .sites import APP, request, site

POLICY = "cors: {origins: ['https://app.example', 'https://*.apps.example'], headers: [X-A]}"


def test_in_entries() -> None:
    rules = site(POLICY)
    for number in range(5000):
        asked = request(Origin=f"https://{number}.apps.example")
        assert judge(rules, asked).decision.reason is Reason.ORIGIN_ALLOWED
    assert 0 < len(rules.cache) <= 2048


def test_in_bytes() -> None:
    rules = site(POLICY)
    long = request(
        "OPTIONS",
        Origin=APP,
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="x" * 1100,
    )
    assert judge(rules, long).decision.reason is Reason.HEADER_NOT_ALLOWED
    assert not rules.cache, "a long one is not kept"
