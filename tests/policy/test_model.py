"""How addresses are shown."""

import pytest

from cors_proxy.policy.addresses import parse_listen_address, parse_upstream


@pytest.mark.parametrize("text", ["127.0.0.1:8080", "[::]:8080", "localhost:0", "unix:/run/p.sock"])
def test_an_address_is_shown_as_it_was_read(text: str) -> None:
    assert str(parse_listen_address(text)) == text


@pytest.mark.parametrize(
    "text", ["http://api:3000", "https://api.internal", "http://[::1]:80", "unix:/run/p.sock"]
)
def test_an_upstream_is_shown_with_its_own_authority(text: str) -> None:
    assert str(parse_upstream(text)) == text.removesuffix(":80")
