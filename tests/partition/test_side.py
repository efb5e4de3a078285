"""A route as data."""

from cors_proxy.cors.request import JudgedHeaders, Request
from cors_proxy.partition.side import match, origin_rules

from .sides import side


def test_a_route_and_its_spec() -> None:
    one = side("cors: {origins: ['https://a.example']}\nroutes: [{path: /a}, {path: /off, cors: off}]")
    found = [match(one, Request(b"GET", path, JudgedHeaders())).route for path in (b"/a", b"/off", b"/other")]
    specs = [one.route_spec(route) for route in found]
    assert tuple(specs) == one.route_specs
    assert [len(origin_rules(spec)) for spec in specs] == [3, 1, 3]
