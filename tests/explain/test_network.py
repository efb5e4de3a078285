"""Where Local Network Access asks the user, or forbids."""

import pytest

from cors_proxy.explain.network import address_space, local_network_note
from cors_proxy.explain.question import Question


@pytest.mark.parametrize(
    ("name", "space"),
    [
        ("localhost", "loopback"), ("app.localhost", "loopback"), ("127.0.0.9", "loopback"), ("::1", "loopback"),
        ("10.1.2.3", "local"), ("192.168.0.1", "local"), ("169.254.1.1", "local"), ("fd00::1", "local"), ("printer.local", "local"),
        ("8.8.8.8", "public"), ("example.com", "public"), ("localhost.example.com", "public"), ("", "public"),
    ],
)  # fmt: skip
def test_address_space(name: str, space: str) -> None:
    assert address_space(name) == space


@pytest.mark.parametrize(
    ("page", "host", "words"),
    [
        ("https://app.example.com", b"localhost:8080", "asks its user first"),
        ("https://app.example.com", b"192.168.0.1", "asks its user first"),
        ("http://192.168.0.2", b"127.0.0.1", "asks its user first"),
        ("http://app.example.com", b"localhost:8080", "blocks such a request"),
        ("https://app.example.com", b"api.example.com", ""),
        ("http://localhost:3000", b"localhost:8080", ""),
        ("http://localhost:3000", b"api.example.com", ""),
    ],
)
def test_note(page: str, host: bytes, words: str) -> None:
    found = local_network_note(Question(page.encode(), b"GET", "http", host, b"/"))
    assert words in found
    assert bool(found) is bool(words)
