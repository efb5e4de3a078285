"""Location as the client can follow it."""

import pytest

from cors_proxy.policy.model import Endpoint, Forwarding, Upstream
from cors_proxy.proxy.location import rewrite_locations, rewritten

HOST = b"api.example.com"


def forwarding(base: bytes = b"", preserve: bool = True) -> Forwarding:
    endpoints = (Endpoint("api", 3000, authority=b"api:3000"), Endpoint("b", 80, authority=b"b"))
    return Forwarding(Upstream(endpoints, base=base), preserve_host=preserve, rewrite_location=True)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        # paths
        (b"/items/1", b"/legacy/items/1"),
        (b"/", b"/legacy/"),
        (b"/?page=2", b"/legacy/?page=2"),
        (b"/a%2Fb;c?d=/e#/f", b"/legacy/a%2Fb;c?d=/e#/f"),
        # by an API that reads X-Forwarded-Prefix
        (b"/legacy/items/1", b"/legacy/items/1"),
        (b"/legacy", b"/legacy"),
        (b"/legacy?x", b"/legacy?x"),
        (b"/legacyitems", b"/legacy/legacyitems"),
        # the upstream's own name
        (b"http://api:3000/items/1", b"/legacy/items/1"),
        (b"HTTP://API:3000", b"/legacy/"),
        (b"http://api:3000?x", b"/legacy/?x"),
        (b"http://b:80/x", b"/legacy/x"),
        (b"https://b/x", b"/legacy/x"),
        # the client's name for it, which the API got
        (b"https://api.example.com/items/1", b"https://api.example.com/legacy/items/1"),
        (b"http://API.example.com:80/x", b"http://API.example.com:80/legacy/x"),
        (b"https://api.example.com/legacy/x", b"https://api.example.com/legacy/x"),
        # not the API's
        (b"https://other.example.com/x", b"https://other.example.com/x"),
        (b"https://api.example.com.evil.example/x", b"https://api.example.com.evil.example/x"),
        (b"http://user@api:3000/x", b"http://user@api:3000/x"),
        (b"http://api:30001/x", b"http://api:30001/x"),
        (b"//api:3000/x", b"//api:3000/x"),
        (b"//evil.example/x", b"//evil.example/x"),
        (b"/\\evil.example/x", b"/\\evil.example/x"),
        (b"ftp://api:3000/x", b"ftp://api:3000/x"),
        (b"myapp://callback", b"myapp://callback"),
        # relative to the request's path, which has the prefix
        (b"items/1", b"items/1"),
        (b"../x", b"../x"),
        (b"?page=2", b"?page=2"),
        (b"#top", b"#top"),
        (b"", b""),
    ],
)
def test_under_a_stripped_prefix(location: bytes, expected: bytes) -> None:
    assert rewritten(location, forwarding(), b"/legacy", HOST) == expected


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (b"/v1/items/1", b"/legacy/items/1"),
        (b"/v1", b"/legacy/"),
        (b"/v1?x", b"/legacy/?x"),
        (b"http://api:3000/v1/items/1", b"/legacy/items/1"),
        (b"/legacy/x", b"/legacy/x"),
        # No path of the client leads there.
        (b"/v2/items", b"/v2/items"),
        (b"/v10", b"/v10"),
        (b"http://api:3000/v10", b"http://api:3000/v10"),
        (b"http://api:3000/v2", b"http://api:3000/v2"),
    ],
)
def test_under_a_base_path(location: bytes, expected: bytes) -> None:
    assert rewritten(location, forwarding(b"/v1"), b"/legacy", HOST) == expected


def test_without_a_prefix_the_upstreams_name_is_left_out() -> None:
    assert rewritten(b"http://api:3000/items", forwarding(), b"", HOST) == b"/items"
    assert rewritten(b"/items", forwarding(), b"", HOST) == b"/items"


def test_the_clients_host_counts_only_if_the_api_got_it() -> None:
    url = b"https://api.example.com/x"
    assert rewritten(url, forwarding(preserve=False), b"/legacy", HOST) == url


def test_the_two_fields_and_no_other() -> None:
    lines = [
        b"Location: /a",
        b"content-location:\t/b ",
        b"Link: </c>",
        b"Refresh: 0; url=/d",
        b"X-Location: /e",
    ]
    assert rewrite_locations(lines, forwarding(), b"/legacy", HOST) == [
        b"Location: /legacy/a",
        b"content-location: /legacy/b",
        *lines[2:],
    ]


@pytest.mark.parametrize(
    "after", [b"//evil.example/x", b"/\\evil.example", b"/\t/evil.example", b"\t//evil.example"]
)
@pytest.mark.parametrize("before", [b"", b"http://api:3000"])
def test_a_path_of_the_api_never_becomes_another_server(before: bytes, after: bytes) -> None:
    location = before + b"/v1" + after
    assert rewritten(location, forwarding(b"/v1"), b"", HOST) == location
    kept = rewritten(location, forwarding(b"/v1"), b"/legacy", HOST)
    assert kept in (location, b"/legacy" + after)
