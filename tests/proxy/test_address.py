"""One address: out for a second after a failed connect, then for twice as long each time."""

import pytest

from cors_proxy.policy.model import Endpoint
from cors_proxy.proxy.address import Address, name_of


def test_a_failed_address_is_out_for_longer_each_time() -> None:
    address, now, pauses = Address(Endpoint("a", 80), "127.0.0.2"), 100.0, []
    for _ in range(7):
        address.begin(now)
        address.failed(now, now)
        pauses.append(address.out_until - now)
        now = address.out_until
    assert pauses == [1, 2, 4, 8, 16, 30, 30] and not address.up
    address.begin(now)
    assert address.out_until == now + 30, "while one tries, others do not"
    address.connected()
    assert address.up and address.out_until == 0 and not address.connecting
    assert address.failures == 7


def test_attempts_that_fail_together_are_one_failure() -> None:
    address = Address(Endpoint("a", 80), "127.0.0.2")
    for _ in range(3):
        address.begin(100.0)
    assert [address.failed(100.0, 100.5 + n / 10) for n in range(3)] == [True, False, False]
    assert address.out_until == 101.5


@pytest.mark.parametrize(
    ("endpoint", "host", "name"),
    [
        (Endpoint("a", 80), "10.0.0.1", "10.0.0.1:80"),
        (Endpoint("a", 80), "fe80::1", "[fe80::1]:80"),
        (Endpoint(path="/run/a.sock"), "", "unix:/run/a.sock"),
    ],
)
def test_its_name(endpoint: Endpoint, host: str, name: str) -> None:
    assert name_of(endpoint, host) == name
