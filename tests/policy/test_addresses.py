"""Names, listeners, upstreams, networks and senders."""

from collections.abc import Callable

import pytest

from cors_proxy.cors.hosts import split_port_text
from cors_proxy.policy.addresses import (
    PRIVATE,
    join_port,
    parse_domain,
    parse_host_entry,
    parse_listen_address,
    parse_networks,
    parse_sender,
    parse_upstream,
    to_ascii,
)
from cors_proxy.policy.model import Address, Endpoint, Upstream
from cors_proxy.policy.scalars import ScalarError


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (parse_listen_address, "127.0.0.1:8080", Address("127.0.0.1", 8080)),
        (parse_listen_address, "[::]:8080", Address("::", 8080)),
        (parse_listen_address, "localhost:0", Address("localhost", 0)),
        (parse_listen_address, "unix:/run/p.sock", Address(path="/run/p.sock")),
        (parse_listen_address, "unix:/run/p.sock?mode=0660", Address(path="/run/p.sock", mode=0o660)),
        (parse_listen_address, "unix:/run/p.sock?mode=600", Address(path="/run/p.sock", mode=0o600)),
        (
            parse_upstream,
            "http://api:3000",
            Upstream((Endpoint("api", 3000, authority=b"api:3000"),), False, b""),
        ),
        (
            parse_upstream,
            "http://My_Api",
            Upstream((Endpoint("my_api", 80, authority=b"My_Api"),), False, b""),
        ),
        (
            parse_upstream,
            "https://api.internal:443/v1/",
            Upstream((Endpoint("api.internal", 443, authority=b"api.internal"),), True, b"/v1"),
        ),
        (
            parse_upstream,
            "http://[::1]:3000/a%20b",
            Upstream((Endpoint("::1", 3000, authority=b"[::1]:3000"),), False, b"/a%20b"),
        ),
        (
            parse_upstream,
            "http://api:443",
            Upstream((Endpoint("api", 443, authority=b"api:443"),), False, b""),
        ),
        (parse_upstream, "unix:/run/api.sock", Upstream((Endpoint(path="/run/api.sock"),), False, b"")),
        (parse_upstream, "unix:///run/api.sock", Upstream((Endpoint(path="/run/api.sock"),), False, b"")),
        (parse_host_entry, "API.example", "api.example"),
        (parse_host_entry, "api.example.:8443", "api.example.:8443"),
        (parse_host_entry, "[::1]:80", "[::1]:80"),
        (parse_host_entry, "*.Example.com", "*.example.com"),
        (parse_host_entry, "*.example.com:8443", "*.example.com:8443"),
        (parse_host_entry, "*.internal", "*.internal"),
        (parse_sender, "News+x@SHOP.example", "News+x@shop.example"),
        (parse_sender, "*@lists.example", "*@lists.example"),
        (parse_domain, "cdn.ampproject.org", "cdn.ampproject.org"),
        (parse_networks, "private", PRIVATE),
        (to_ascii, "BÜCHER.example", "xn--bcher-kva.example"),
        (to_ascii, "faß.de", "xn--fa-hia.de"),
        (to_ascii, "💩.la", "xn--ls8h.la"),
        (to_ascii, "日本。jp", "xn--wgv71a.jp"),
    ],
)
def test_accepted_values(parse: Callable[[str], object], text: str, value: object) -> None:
    assert parse(text) == value


def test_single_addresses_are_networks() -> None:
    assert [
        str(network) for network in (*parse_networks("203.0.113.7"), *parse_networks("2001:db8::/32"))
    ] == [
        "203.0.113.7/32",
        "2001:db8::/32",
    ]


@pytest.mark.parametrize(
    ("parse", "text", "suggestion"),
    [
        (parse_listen_address, "8080", "127.0.0.1:8080"),
        (parse_listen_address, ":8080", "0.0.0.0:8080"),
        (parse_listen_address, "*:8080", "0.0.0.0:8080"),
        (parse_listen_address, ":::8080", "[::]:8080"),
        (parse_listen_address, "127.0.0.1", ""),
        (parse_listen_address, "127.0.0.1:65536", ""),
        (parse_listen_address, "unix:run.sock", "unix:/run/api.sock"),
        (parse_listen_address, "unix:/run/p.sock?mode=0999", "unix:/run/p.sock?mode=0660"),
        (parse_listen_address, "unix:/run/p.sock?mode=", "unix:/run/p.sock?mode=0660"),
        (parse_listen_address, "unix:/run/p.sock?mode=04755", "unix:/run/p.sock?mode=0660"),
        (parse_listen_address, "unix:/run/p.sock?user=me", "unix:/run/p.sock?mode=0660"),
        (parse_listen_address, "unix:/" + "x" * 200, ""),
        (parse_upstream, "api:3000", "http://api:3000"),
        (parse_upstream, "HTTP://api", "http://api"),
        (parse_upstream, "http://user:pw@api/x", "http://api/x"),
        (parse_upstream, "http://api/x?y", "http://api/x"),
        (parse_upstream, "http://api#y", "http://api"),
        (parse_upstream, "http://bücher.example/v1", "http://xn--bcher-kva.example/v1"),
        *(
            (parse_upstream, text, "")
            for text in ("ftp://api", "http://", "http://api:0", "http://api:x", "http://a b", "http://127.1")
        ),
        *(
            (parse_upstream, f"http://api{base}", "")
            for base in ("/a/../b", "/%2e/b", "//a", "/a%2fb", "/a%5Cb", "/a%00", "/%zz", "/ä", "/a\nb")
        ),
        (parse_host_entry, "https://api.example/", "api.example"),
        (parse_host_entry, "*.bücher.example:80", "*.xn--bcher-kva.example:80"),
        (parse_host_entry, "bücher.example:80", "xn--bcher-kva.example:80"),
        *(
            (parse_host_entry, text, "")
            for text in (
                "*.co.uk",
                "*.github.io:443",
                "*.127.0.0.1",
                "*.[::1]",
                "*.*.example.com",
                "*",
                "",
                "a..b",
                "api.example:0",
                "1.2.3",
                "a b",
            )
        ),
        (parse_host_entry, "ſ.example", "s.example"),  # never taken for the ASCII letter
        (parse_sender, "a@bücher.example", "a@xn--bcher-kva.example"),
        *(
            (parse_sender, text, "")
            for text in ("shop.example", "*", "*@*", "a b@c.example", "@c.example", "a@", "a*@c.example")
        ),
        (parse_domain, "https://cdn.ampproject.org/", "cdn.ampproject.org"),
        (parse_domain, "CDN.ampproject.org", "cdn.ampproject.org"),
        (parse_networks, "10.0.0.1/8", "10.0.0.0/8"),
        (parse_networks, "privat", "private"),
        (parse_networks, "everybody", ""),
    ],
)
def test_refused_values_and_suggestions(parse: Callable[[str], object], text: str, suggestion: str) -> None:
    with pytest.raises(ScalarError) as refused:
        parse(text)
    assert refused.value.suggestion == suggestion


def test_a_name_that_no_browser_writes() -> None:
    assert to_ascii("a\ufffd.example") == ""


@pytest.mark.parametrize("text", ["api", "api:80", "[::1]", "[::1]:80", "a:*", "a:"])
def test_a_port_is_split_off_and_put_back(text: str) -> None:
    assert join_port(*split_port_text(text)) == text
