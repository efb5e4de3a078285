import pytest

from cors_proxy.learn.paths import example, pattern, template


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("/orders/", "/orders"),
        ("/orders/17", "/orders/*"),
        ("/v1/oauth2/web3", "/v1/oauth2/web3"),
        ("/a/6F9619FF-8B86-D011-B42D-00CF4FC964FF/b", "/a/*/b"),
        ("/a/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/a/*"),
        ("/a/5f2b1c9e8d7a", "/a/*"),
        ("/a/deadbeefcafe", "/a/deadbeefcafe"),
        ("/a/2026-11-29", "/a/*"),
        ("/a/ada@example.com", "/a/*"),
        ("/a/b%20c", "/a/*"),
        ("/a/-b", "/a/-b"),
        ("/a/" + "b" * 65, "/a/*"),
        ("/a/\ud800%2e.", "/a/*"),
        ("/a/*", "/a/*"),
        ("/a/**", "/a/*"),
        ("/a/.well-known", "/a/*"),
    ],
)  # fmt: skip
def test_values_become_stars(path: str, expected: str) -> None:
    parts = template(path)
    assert parts is not None and pattern(parts) == expected


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a",
        "/a/../b",
        "/a//b",
        "/a%2fb",
        "/a%zz",
        "/a/%00",
        "/a/;x/b",
        "/a\\b",
        "/x" * 2000,
        "/a" * 30,
    ],
)
def test_what_no_route_can_have(path: str) -> None:
    assert template(path) is None


def test_an_example_has_no_value_of_a_record() -> None:
    assert example(template("/users/4711/posts") or ()) == "/users/1/posts"
