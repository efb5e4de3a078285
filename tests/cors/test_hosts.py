import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.hosts import (
    HostList,
    covers,
    example,
    is_address,
    is_loopback,
    overlap,
    split_port,
    split_port_text,
    valid,
)

from .strategies import thorough, wire_values


@pytest.mark.parametrize(
    "host",
    [
        "api.example",
        "API.example:8080",
        "localhost",
        "a_b.example.",
        "127.0.0.1:80",
        "127.1",
        "[::1]",
        "[FE80::1]:8080",
        "x:0",
    ],
)
def test_valid(host: str) -> None:
    assert valid(host.encode())


@pytest.mark.parametrize(
    "host",
    ["", "a b", "a@evil", "a, b", "a,b", "a/b", "a:", "a:x", "a:65536", "a:123456", ":80", "[::1", "::1", "[x]", "[::1%25lo]", "[::1]x",
    "a..b", ".a",
     "a\xe9", "a\t", "a%41", "a:80:80", "[1.2.3.4]", "x" * 256],
)  # fmt: skip
def test_not_valid(host: str) -> None:
    assert not valid(host.encode("latin-1"))


@pytest.mark.parametrize(("host", "real"), [
    ("127.0.0.1", True), ("10.0.0.7:80", True), ("[::1]:80", True), ("127.1", False), ("0x7f.1", False), ("1.2.3.4.5", False), ("1.2.3.04",
    False),
    ("127.0.0.1.evil.example", False), ("api.example", False), ("2130706433", False),
])  # fmt: skip
def test_real_addresses(host: str, real: bool) -> None:
    assert is_address(host.encode()) is real


@pytest.mark.parametrize(("host", "named", "allowed"), [
    ("api.example", True, True), ("API.Example:9000", True, True), ("shop.example:8443", True, True), ("shop.example", False, False),
    ("shop.example:443", False, False), ("api.example.", False, False), ("x.api.example", False, False), ("10.0.0.7", False, True),
    ("[::1]:80", False, True), ("[fd00::1]:80", True, True), ("127.1", False, False), ("", False, False),
])  # fmt: skip
def test_list(host: str, named: bool, allowed: bool) -> None:
    hosts = HostList(["api.example", "Shop.example:8443", "[fd00::1]"])
    assert (hosts.names(host.encode()), hosts.allows(host.encode())) == (named, allowed)


@pytest.mark.parametrize(("host", "matched"), [
    ("a.shop.example", True), ("a.b.SHOP.example:1", True), ("shop.example", False), ("xshop.example", False), (".shop.example", False),
    ("a.shop.example.", False), ("a.shop.example.evil.example", False), ("a.api.example:8443", True), ("a.api.example", False),
    ("a.api.example:84430", False), ("[::1]", False),
])  # fmt: skip
def test_wildcards(host: str, matched: bool) -> None:
    hosts = HostList(["*.shop.example", "*.api.example:8443"])
    assert hosts.matches(host.encode()) is matched
    assert not hosts.names(host.encode())


@pytest.mark.parametrize(("one", "other", "covered", "shared"), [
    ("a.example", "a.example:80", True, True), ("a.example:80", "a.example", False, True), ("a.example:80", "a.example:81", False, False),
    ("*.example", "a.example", True, True), ("*.example", "b.a.example:80", True, True), ("*.example", "*.a.example", True, True),
    ("*.a.example", "*.example", False, True), ("*.example:80", "a.example", False, True), ("*.example", "example", False, False),
    ("a.example", "*.example", False, True), ("*.a.example", "*.b.example", False, False), ("*.example", "*.example", True, True),
])  # fmt: skip
def test_entries_that_share_hosts(one: str, other: str, covered: bool, shared: bool) -> None:
    assert covers(one, other) is covered
    assert (overlap(one, other), overlap(other, one)) == (shared, shared)


def test_an_example_of_a_list() -> None:
    assert example(["*.a.example:81", "b.example"]) == "b.example"
    assert example(["*.a.example:81"]) == "www.a.example:81"


@pytest.mark.parametrize(("host", "name", "port"), [
    ("api.example", "api.example", None), ("api.example:80", "api.example", "80"), ("a:", "a", ""), ("[::1]", "[::1]", None),
    ("[::1]:80", "[::1]", "80"), (":80", "", "80"), ("a:80:81", "a", "80:81"), ("", "", None), ("[::1]x:1", "[::1]x", "1"),
])  # fmt: skip
def test_host_and_port(host: str, name: str, port: str | None) -> None:
    assert split_port_text(host) == (name, port)
    assert split_port(host.encode()) == (name.encode(), None if port is None else port.encode())


@pytest.mark.parametrize(("name", "loopback"), [
    ("localhost", True), ("app.localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("[::1]", True), ("::1", True),
    ("localhost.example", False), ("127.0.0.1.example", False), ("10.0.0.1", False), ("[::2]", False), ("notlocalhost", False), ("", False),
])  # fmt: skip
def test_loopback(name: str, loopback: bool) -> None:
    assert is_loopback(name) is loopback


@thorough
@given(wire_values | st.binary(max_size=40))
def test_no_bytes_raise(host: bytes) -> None:
    if valid(host):
        HostList(["a"]).allows(host)
