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
    ("host", "name"), [("cdn.example", "host"), ("CDN.example:8080", "host"), ("cdn.example.", "(default)"), ("x.cdn.example", "(default)")]
)
def test_by_host(host: str, name: str) -> None:
    assert ROUTES.match(request(target="/x", host=host))[0].name == name
