"""Loopback origins, duplicates, and own pages.  `test_problems` has all refusals."""

import pytest

from cors_proxy.cors.pattern import parse_pattern
from cors_proxy.cors.place import Place
from cors_proxy.cors.spec import OriginRule
from cors_proxy.policy.checks import check_duplicates
from cors_proxy.policy.problems import Findings

from .reading import codes, problems


@pytest.mark.parametrize(
    ("origin", "loopback"),
    [
        ("http://*.localhost", True),
        ("http://a.localhost:*", True),
        ("http://127.9.0.1:8080", True),
        ("http://*.localhost.example", False),
        ("http://128.0.0.1", False),
    ],
)
def test_http_from_the_users_own_machine_may_have_credentials(origin: str, loopback: bool) -> None:
    found = codes(f"cors: {{origins: ['{origin}'], credentials: true}}\n")
    assert found == ([] if loopback else ["E403"])


def test_duplicates_name_the_first() -> None:
    found = Findings()
    rules = [OriginRule(parse_pattern("https://a.example"), Place("p", line, 1)) for line in (1, 2, 3)]
    check_duplicates(rules, "origins", found)
    assert [(problem.place.line, "p:1" in problem.message) for problem in found.sorted("p")] == [
        (2, True),
        (3, True),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", ""),
        ("listen: 127.0.0.1:80\n", ""),
        ("listen: 0.0.0.0:80\n", "3:9"),
        ("listen: '[::]:80'\n", "3:9"),
        ("listen: unix:/run/p.sock\n", "3:9"),
        ("listen: 0.0.0.0:80\nhosts: a.example\n", ""),
        ("listen: 0.0.0.0:80\nself_origins: https://a.example\n", ""),
        ("listen: 0.0.0.0:80\nmode: report\n", ""),
        ("listen: 0.0.0.0:80\nmode: headers\n", ""),
        ("listen: 0.0.0.0:80\nmode: headers\nroutes: [{path: /a, mode: enforce}]\n", "3:9"),
        ("cors: {websocket: allow}\n", "3:8"),
        ("cors: {websocket: deny}\n", ""),
        ("routes: [{path: /a, cors: {websocket: allow}}]\n", "3:28"),
        ("mode: report\ncors: {websocket: allow}\n", ""),
    ],
)
def test_own_pages_that_are_refused(text: str, place: str) -> None:
    found = [(problem.code, f"{problem.place.line}:{problem.place.column}") for problem in problems(text)]
    assert found == ([("W201", place)] if place else [])


@pytest.mark.parametrize(
    ("text", "post", "sockets"),
    [
        ("listen: 0.0.0.0:80\n", True, True),
        ("listen: 0.0.0.0:80\ncors: {websocket: deny}\n", True, False),
        ("cors: {websocket: allow}\n", False, True),
    ],
)
def test_the_warning_says_what_is_refused(text: str, post: bool, sockets: bool) -> None:
    (problem,) = problems(text)
    assert ("POST" in problem.message, "WebSockets in Chromium" in problem.message) == (post, sockets)
