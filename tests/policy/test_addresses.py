"""Names, listeners, upstreams, networks and senders."""

from collections.abc import Callable

import pytest

from cors_proxy.policy.addresses import (
    PRIVATE,
    address,
    ascii_name,
    domain,
    host_entry,
    networks,
    sender,
    split_port,
    upstream,
)
from cors_proxy.policy.model import Address, Upstream
from cors_proxy.policy.scalars import ScalarError


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (address, "127.0.0.1:8080", Address("127.0.0.1", 8080)),
        (address, "[::]:8080", Address("::", 8080)),
        (address, "localhost:0", Address("localhost", 0)),
        (address, "unix:/run/p.sock", Address(path="/run/p.sock")),
        (upstream, "http://api:3000", Upstream("api", 3000, False, "", b"", b"api:3000")),
        (upstream, "http://My_Api", Upstream("my_api", 80, False, "", b"", b"My_Api")),
        (
            upstream,
            "https://api.internal:443/v1/",
            Upstream("api.internal", 443, True, "", b"/v1", b"api.internal"),
        ),
        (upstream, "http://[::1]:3000/a%20b", Upstream("::1", 3000, False, "", b"/a%20b", b"[::1]:3000")),
        (upstream, "http://api:443", Upstream("api", 443, False, "", b"", b"api:443")),
        (upstream, "unix:/run/api.sock", Upstream("", 0, False, "/run/api.sock", b"", b"localhost")),
        (upstream, "unix:///run/api.sock", Upstream("", 0, False, "/run/api.sock", b"", b"localhost")),
        (host_entry, "API.example", "api.example"),
        (host_entry, "api.example.:8443", "api.example.:8443"),
        (host_entry, "[::1]:80", "[::1]:80"),
        (sender, "News+x@SHOP.example", "News+x@shop.example"),
        (sender, "*@lists.example", "*@lists.example"),
        (domain, "cdn.ampproject.org", "cdn.ampproject.org"),
        (networks, "private", PRIVATE),
        (ascii_name, "BÜCHER.example", "xn--bcher-kva.example"),
        (ascii_name, "faß.de", "xn--fa-hia.de"),
        (ascii_name, "💩.la", "xn--ls8h.la"),
        (ascii_name, "日本。jp", "xn--wgv71a.jp"),
        (split_port, "[::1]", ("[::1]", "")),
        (split_port, "a:*", ("a", ":*")),
    ],
)
def test_what_fits(parse: Callable[[str], object], text: str, value: object) -> None:
    assert parse(text) == value


def test_single_addresses_are_networks() -> None:
    assert [str(network) for network in (*networks("203.0.113.7"), *networks("2001:db8::/32"))] == [
        "203.0.113.7/32",
        "2001:db8::/32",
    ]


@pytest.mark.parametrize(
    ("parse", "text", "right"),
    [
        (address, "8080", "127.0.0.1:8080"),
        (address, ":8080", "0.0.0.0:8080"),
        (address, "*:8080", "0.0.0.0:8080"),
        (address, ":::8080", "[::]:8080"),
        (address, "127.0.0.1", ""),
        (address, "127.0.0.1:65536", ""),
        (address, "unix:run.sock", "unix:/run/api.sock"),
        (address, "unix:/" + "x" * 200, ""),
        (upstream, "api:3000", "http://api:3000"),
        (upstream, "HTTP://api", "http://api"),
        (upstream, "http://user:pw@api/x", "http://api/x"),
        (upstream, "http://api/x?y", "http://api/x"),
        (upstream, "http://api#y", "http://api"),
        (upstream, "http://bücher.example/v1", "http://xn--bcher-kva.example/v1"),
        *(
            (upstream, text, "")
            for text in ("ftp://api", "http://", "http://api:0", "http://api:x", "http://a b", "http://127.1")
        ),
        *(
            (upstream, f"http://api{base}", "")
            for base in ("/a/../b", "/%2e/b", "//a", "/a%2fb", "/a%5Cb", "/a%00", "/%zz", "/ä", "/a\nb")
        ),
        (host_entry, "https://api.example/", "api.example"),
        (host_entry, "bücher.example:80", "xn--bcher-kva.example:80"),
        *((host_entry, text, "") for text in ("*.example.com", "", "a..b", "api.example:0", "1.2.3", "a b")),
        (host_entry, "ſ.example", "s.example"),  # never taken for the ASCII letter
        (sender, "a@bücher.example", "a@xn--bcher-kva.example"),
        *(
            (sender, text, "")
            for text in ("shop.example", "*", "*@*", "a b@c.example", "@c.example", "a@", "a*@c.example")
        ),
        (domain, "https://cdn.ampproject.org/", "cdn.ampproject.org"),
        (domain, "CDN.ampproject.org", "cdn.ampproject.org"),
        (networks, "10.0.0.1/8", "10.0.0.0/8"),
        (networks, "privat", "private"),
        (networks, "everybody", ""),
    ],
)
def test_what_does_not(parse: Callable[[str], object], text: str, right: str) -> None:
    with pytest.raises(ScalarError) as unfit:
        parse(text)
    assert unfit.value.right == right


def test_a_name_that_no_browser_writes() -> None:
    assert ascii_name("a\ufffd.example") == ""
