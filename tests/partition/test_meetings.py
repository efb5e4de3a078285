"""Which routes of two policies meet."""

from cors_proxy.cors.place import Place
from cors_proxy.cors.spec import RouteSpec
from cors_proxy.partition.meetings import all_meetings, host_view

from .sides import side


def test_only_routes_that_one_request_reaches_meet() -> None:
    sides = [
        side(f"routes: [{{path: /a/**}}, {{path: {path}, method: PUT}}, {{path: /c, host: c.example}}]")
        for path in ("/b", "/a/b")
    ]
    pairs = {tuple(found.route.index for found in each.matches) for each in all_meetings(sides)}
    assert pairs == {(0, 0), (1, 3), (2, 2), (3, 3)}


def test_methods_that_lead_elsewhere_are_apart() -> None:
    (one,) = (side("routes: [{path: /a, method: [GET, PUT]}]"),)
    found = {each.matches[0].route.index: each.methods for each in all_meetings([one]) if each.path == b"/a"}
    assert found[0] == (b"GET", b"PUT") and b"POST" in found[1]


def test_how_a_side_sees_a_host() -> None:
    sides = [side("hosts: ['*.example', a.example]"), side("")]
    assert host_view(sides, b"a.example") == ((True, True), (True, False))
    assert host_view(sides, b"b.example:1") == ((True, False), (True, False))
    assert host_view(sides, b"other.test") == ((False, False), (True, False))


def test_what_is_told_apart_although_no_policy_names_it() -> None:
    asked = RouteSpec(0, "", "/admin/**", Place("a", 1, 1), methods=("DELETE",), hosts=("a.example",))
    found = list(all_meetings([side("")], [asked]))
    assert any(
        each.path == b"/admin" and each.methods == (b"DELETE",) and each.host == b"a.example"
        for each in found
    )
