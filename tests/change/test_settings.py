"""What decides about no request."""

from cors_proxy.change.settings import Setting, shown
from tests.change.comparing import compared

ROUTES = "routes: [{path: /a/**, name: a}, {path: /b/**, name: b}]\n"


def found(before: str, after: str) -> list[Setting]:
    return list(compared(before, after).settings)


def test_the_server_s_keys_are_found_once() -> None:
    (setting,) = found(ROUTES, ROUTES + "server: {limits: {body_bytes: 1KiB}}\n")
    assert (setting.key, setting.before, setting.after, setting.routes) == (
        "server.limits.body_bytes",
        "0",
        "1024",
        (),
    )
    assert str(setting.new) == "new.yaml:4"


def test_a_route_s_own_are_named_with_it() -> None:
    (setting,) = found(ROUTES, ROUTES.replace("name: b", "name: b, upstream: http://b:1"))
    assert (setting.key, setting.after, setting.routes) == ("upstream", "http://b:1", ("b",))


def test_values_in_one_line() -> None:
    assert [shown(value) for value in (None, True, [], ["a", 1], {"a": None})] == [
        "none",
        "true",
        "none",
        "a, 1",
        "a: none",
    ]
