import pytest

from cors_proxy.learn.lookalike import imitates


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
    assert imitates(origin, other) is expected
