import pytest

from cors_proxy.cors.reason import Reason

from .sites import request, site

ROUTES = site("""
routes:
  - {name: me, path: /users/@me/**}
  - {name: files, path: /files/**, dangerously_allow: [encoded-slashes]}
  - {name: keys, path: /keys/**, dangerously_allow: [empty-segments]}
  - {name: escaped, path: /a%2Bb/**}
  - {name: get, path: /feed, method: [GET]}
  - {name: options, path: /feed, method: [OPTIONS]}
  - {name: host, path: /**, host: [cdn.example]}
""")


@pytest.mark.parametrize(("target", "name"), [
    ("/users/@me", "me"), ("/users/@me/x?/feed", "me"), ("/users/%40me/x", None), ("/users/@m%65/x", "me"), ("/users/%40you", "(default)"),
    ("/files/a%2Fb", "files"), ("/files%2Fa", None), ("/files/%2e%2e%2fa", None), ("/files//a", None), ("/keys//a", "keys"),
    ("/keys/a%2fb", None),
    ("//keys/a", None), ("/a%2bb/x", "escaped"), ("/a+b/x", None), ("/%61%2Bb", "escaped"), ("/x?a#b", None), ("/x#", None), ("/x?..//%zz",
    "(default)"),
    ("/..", None), ("/feed", "get"),
])  # fmt: skip
def test_both_readings_find_one_route(target: str, name: str | None) -> None:
    route, fault = ROUTES.match(request(target=target))
    assert (route.name, fault) == ((name, None) if name else ("(default)", Reason.AMBIGUOUS_PATH))


LIFTED = site("""
routes:
  - {name: admin, path: /admin/**}
  - {name: files, path: /files/**, dangerously_allow: [path-variants]}
  - {name: slash, path: /dir/}
  - {name: get, path: /feed, method: [GET]}
  - {name: host, path: /on, host: [cdn.example]}
  - {name: Me, path: /Users/Me}
  - {name: at, path: /@me, dangerously_allow: [path-variants]}
""")
EVERYWHERE = site("dangerously_allow: [path-variants]\nroutes:\n  - {name: admin, path: /admin/**}\n"
                  "  - {name: deny, path: /deny, dangerously_allow: []}\n")  # fmt: skip


@pytest.mark.parametrize(("target", "name"), [
    ("/Admin/x", None), ("/admin;x/y", None), ("/admin./x", None), ("/admin%20/x", None), ("/%41dmin", None), ("/admin%3bx/y", None),
    ("/admin%2E", None), ("/adm%C4%B0n", None), ("/admin%0a", None), ("/admin/X;y", "admin"), ("/admin/x.", "admin"),
    ("/admin/;x", "admin"),
    ("/admin/X?/FILES", "admin"), ("/x/Admin", "(default)"), ("/x?y;z=A.", "(default)"), ("/x;y/z", "(default)"), ("/x/;y/z", None),
    ("/x/%20/z", None), ("/x/..%20", None), ("/x/.%20/z", None), ("/x/%20", "(default)"), ("/x/.../z", "(default)"),
    ("/Files/x", "(default)"), ("/files;x/y", "(default)"), ("/files/..;x/y", None), ("/Files/;x/y", None),
    ("/dir", None), ("/dir/", "slash"), ("/DIR/", None), ("/feed/", "get"), ("/feed;x", None), ("/on;x", "(default)"),
    ("/Users/Me", "Me"), ("/users/me", None), ("/users/you", "(default)"),
    ("/@ME", "(default)"), ("/%40me", None), ("/@m%45", "(default)"), ("/%40ME", "(default)"),
])  # fmt: skip
def test_the_folded_reading_finds_that_route_too(target: str, name: str | None) -> None:
    route, fault = LIFTED.match(request(target=target))
    assert (route.name, fault) == ((name, None) if name else ("(default)", Reason.AMBIGUOUS_PATH))


def test_it_is_asked_for_the_same_method_and_host() -> None:
    assert LIFTED.match(request("PUT", "/FEED"))[0].name == "(default)"
    assert LIFTED.match(request("PUT", "/FEED"))[1] is None
    assert LIFTED.match(request(target="/ON", host="cdn.example"))[1] is Reason.AMBIGUOUS_PATH
    preflight = {"Origin": "https://app.example", "Access_Control_Request_Method": "GET"}
    assert LIFTED.match(request("OPTIONS", "/FEED", **preflight))[1] is Reason.AMBIGUOUS_PATH


@pytest.mark.parametrize(("target", "name"), [
    ("/ADMIN", "(default)"), ("/admin;x", "(default)"), ("/admin/X", "admin"), ("/DENY", None), ("/x/;y/z", None), ("/ADMIN//x", None),
    ("/..;x/a", None),
])  # fmt: skip
def test_lifted_at_the_top(target: str, name: str | None) -> None:
    route, fault = EVERYWHERE.match(request(target=target))
    assert (route.name, fault) == ((name, None) if name else ("(default)", Reason.AMBIGUOUS_PATH))


def test_paths_without_a_route_count_by_the_top() -> None:
    """The folded reading finds no route, the spelling does."""
    routes = "routes:\n  - {name: star, path: /a/*}\n"
    assert site(routes).match(request(target="/a/%20"))[1] is Reason.AMBIGUOUS_PATH
    assert (
        site("dangerously_allow: [path-variants]\n" + routes).match(request(target="/a/%20"))[0].name
        == "star"
    )
    own = "routes:\n  - {name: star, path: /a/*, dangerously_allow: [path-variants]}\n"
    assert site(own).match(request(target="/a/%20"))[1] is Reason.AMBIGUOUS_PATH


def test_a_preflight_is_matched_by_the_method_that_it_asks_for() -> None:
    def name(method: str, **headers: str) -> str:
        return ROUTES.match(request(method, "/feed", **headers))[0].name

    origin = "https://app.example"
    assert name("OPTIONS", Origin=origin, Access_Control_Request_Method="GET") == "get"
    assert name("OPTIONS", Origin=origin, Access_Control_Request_Method="PUT") == "(default)"
    assert name("OPTIONS", Access_Control_Request_Method="GET") == "options"
    assert name("OPTIONS", Origin=origin) == "options"
    assert name("GET", Origin=origin, Access_Control_Request_Method="PUT") == "get"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("cdn.example", "host"),
        ("CDN.example:8080", "host"),
        ("cdn.example.", "(default)"),
        ("x.cdn.example", "(default)"),
    ],
)
def test_by_host(host: str, name: str) -> None:
    assert ROUTES.match(request(target="/x", host=host))[0].name == name
