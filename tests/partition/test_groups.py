"""Values with one view are judged alike."""

import pytest

from cors_proxy.partition.groups import Extra, Grouping, host_of
from cors_proxy.partition.meetings import all_meetings

from .sides import meeting_of, side


def test_origins_are_grouped_by_what_lists_them() -> None:
    lists = "cors: {{origins: ['https://{}.example', 'https://*.b.example'], accept_from: ['https://idp.example']}}"
    _, groups, _ = meeting_of([side(lists.format("a")), side(lists.format("c"))], b"/x")
    by_origin = {origin: view for view, origins in groups.origins.items() for origin in origins}
    names = ("https://a.example", "https://c.example", "https://zz.b.example", "https://idp.example", "null")
    views = [by_origin[name.encode()] for name in names]
    assert len(set(views)) == 5
    assert by_origin[b"https://evil.example"] not in views


def test_an_origin_can_equal_the_host() -> None:
    _, groups, _ = meeting_of(
        [side("hosts: [api.example.com]\ncors: {origins: ['https://*.example.com']}")], b"/x"
    )
    assert set(groups.own.values()) == {b"https://api.example.com", b"http://api.example.com"}


@pytest.mark.parametrize(
    "listed", ["hosts: [api.example.com]", "routes: [{path: /x, host: api.example.com}]"]
)
def test_an_origin_that_a_pattern_with_a_port_matches_can_equal_the_host(listed: str) -> None:
    one = side(f"cors: {{origins: ['https://*.example.com:8443']}}\n{listed}")
    grouping = Grouping([one], Extra())
    meetings = [each for each in all_meetings([one]) if each.matches[0].route.index == 0 and each.view[0][0]]
    own = {origin for meeting in meetings for origin in grouping.groups(meeting).own.values()}
    assert b"https://api.example.com:8443" in own


def test_routes_that_inherit_a_list_share_its_origins_whatever_their_hosts() -> None:
    """Else a thousand routes with 10,000 origins take minutes."""
    routes = ", ".join(f"{{path: /{name}, host: {name}.example.com}}" for name in "ab")
    one = side(f"cors: {{origins: ['https://*.example.com']}}\nroutes: [{routes}]")
    grouping = Grouping([one], Extra())
    found = {
        meeting.matches[0].route.index: grouping.groups(meeting)
        for meeting in all_meetings([one])
        if meeting.host in (b"a.example.com", b"b.example.com")
    }
    assert found[0].origins is found[1].origins
    assert [b"https://a.example.com" in found[index].own.values() for index in (0, 1)] == [True, False]


def test_methods_and_headers() -> None:
    sides = [
        side("cors: {methods: [GET, PUT], headers: [X-A]}"),
        side("cors: {methods: [GET, POST], headers: [X-A, X-B]}"),
    ]
    _, groups, _ = meeting_of(sides, b"/x")
    methods = {method: view[:2] for view, found in groups.methods.items() for method in found}
    assert (methods[b"GET"], methods[b"PUT"], methods[b"POST"]) == (
        (True, True),
        (True, False),
        (False, True),
    )
    headers = {name: view for view, found in groups.headers.items() for name in found}
    assert (headers[b"x-a"], headers[b"x-b"], headers[b"x-unnamed"]) == (
        (True, True),
        (False, True),
        (False, False),
    )


def test_the_host_that_an_origin_equals() -> None:
    assert [
        host_of(origin) for origin in (b"https://a:1", b"http://b", b"null", b"app://c", b"https://")
    ] == [b"a:1", b"b", b"", b"", b""]
