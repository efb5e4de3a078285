import time

import pytest

from cors_proxy.learn.lookalike import host_of, imitations


@pytest.mark.parametrize(
    ("origin", "other", "expected"),
    [
        ("https://app.example.com.evil.net", "https://app.example.com", True),
        ("https://example.com.evil.net", "https://app.example.com", True),
        ("https://evilexample.com", "https://app.example.com", True),
        ("https://appxexample.com", "https://app.example.com", True),
        ("https://a.examplexcom", "https://example.com", True),
        ("https://admin.example.com", "https://app.example.com", False),
        ("https://example.com", "https://app.example.com", False),
        ("https://app.example.com", "https://app.example.com.evil.net", False),
        ("https://partner.example", "https://app.example.com", False),
        ("http://localhost:5173", "https://app.example.com", False),
        ("https://app.example.com", "http://localhost:5173", False),
        ("https://b.github.io", "https://a.github.io", False),
    ],
)
def test_imitates(origin: str, other: str, expected: bool) -> None:
    assert (origin in imitations({origin, other})) is expected


def test_many_tenants_cost_what_their_number_does() -> None:
    started = time.process_time()
    assert imitations(f"https://shop{number}.example{number}.com" for number in range(2000)) == set()
    assert time.process_time() - started < 2


def test_host_of() -> None:
    assert host_of("https://app.example.com.:8443") == "app.example.com"
