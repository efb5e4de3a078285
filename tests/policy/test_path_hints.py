"""Paths of other routers, and the pattern that each means."""

import pytest

from cors_proxy.cors.path import RoutePathError, parse_route_path
from cors_proxy.policy.path_hints import other_grammar, suggest_path

from .reading import problems

# path -> what is meant
PATHS = [
    ("/users/{id}", "/users/*"),
    ("/users/{id}/posts/{post}", "/users/*/posts/*"),
    ("/{version}/users", "/*/users"),
    ("/files/{*rest}", "/files/**"),
    ("/files/{rest:.*}", "/files/**"),
    ("/orders/{id}.json", "/orders/*"),
    ("/users/:id", "/users/*"),
    ("/users/:id?", "/users/*"),
    ("/files/*path", "/files/**"),
    ("/files/:rest*", "/files/**"),
    ("/users/<int:id>", "/users/*"),
    ("/files/<path:name>", "/files/**"),
    ("/posts/[slug]", "/posts/*"),
    ("/posts/[...slug]", "/posts/**"),
    ("/posts/[[...slug]]", "/posts/**"),
    ("/api/", "/api/**"),
    ("/api/*/", "/api/*"),
    ("/api/**/", "/api/**"),
    ("/a**", "/a/**"),
    ("/api*", "/api/**"),
    ("/files/*.json", "/files/*"),
    ("/api/**/edit", "/api/*/edit"),
    ("*", "/**"),
    ("^/api", "/api/**"),
    ("^/api$", "/api"),
    ("^/api/?$", "/api"),
    ("^/api/.*$", "/api/**"),
    ("~ ^/api/", "/api/**"),
    ("~* ^/api/(.*)$", "/api/**"),
    ("/users/[0-9]+", "/users/*"),
    ("/users/[^/]+/posts", "/users/*/posts"),
    (r"/users/\d+", "/users/*"),
    ("/api/.*", "/api/**"),
    ("/api/(users|posts)", "/api/*"),
    ("https://api.example/users", "/users"),
]


@pytest.mark.parametrize(("path", "meant"), PATHS)
def test_the_pattern_that_is_meant(path: str, meant: str) -> None:
    (problem,) = problems(f"routes: [{{path: '{path}'}}]\n")
    assert problem.code in ("E501", "W502")
    assert problem.hint.partition(",")[0] == f"write {meant}"
    assert problems(f"routes: [{{path: '{meant}'}}]\n") == []


@pytest.mark.parametrize("path", ["/v*", "/v*/users", "/file-*", "/*.json", "/..", "/a%2fb"])
def test_no_pattern_that_matches_far_more(path: str) -> None:
    assert suggest_path(path) in ("", "/v/**")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/a",
        "/**",
        "/*",
        "/a/*/b",
        "/wiki/Foo_(bar)",
        "/v1/things:batch",
        "/.well-known/**",
        "/a+b",
        "/$metadata",
    ],
)
def test_paths_that_mean_themselves(path: str) -> None:
    assert other_grammar(path) == ""
    parse_route_path(path)


@pytest.mark.parametrize(
    "path", ["/{", "/[a", "/(((", "^", "$", "~", "/\\", "", "/" * 99, "/:", "/<>", "{*}"]
)
def test_no_text_breaks_it(path: str) -> None:
    if suggestion := suggest_path(path):
        try:
            parse_route_path(suggestion)
        except RoutePathError:
            pytest.fail(suggestion)
