"""Every way in which routes match a path has a path; the router itself says so."""

import random

import pytest

from cors_proxy.cors.path import PATH_WORDS
from cors_proxy.cors.request import JudgedHeaders, Request
from cors_proxy.partition import limits
from cors_proxy.partition.paths import AMBIGUOUS, path_classes

from .sides import side

ROUTES = """
routes:
  - {path: /api/users, dangerously_allow: [encoded-slashes, empty-segments]}
  - {path: '/api/*', dangerously_allow: [path-variants]}
  - {path: /api/**}
  - {path: /a@b/x}
  - {path: '/*/x'}
  - {path: /caf%C3%A9/}
"""
SEGMENTS = [
    b"api", b"API", b"api.", b"users", b"Users;v", b"x", b"X", b"a@b", b"a%40b", b"A%40B", b"caf%c3%a9", b"CAF%C3%89", b"", b"y",
    b"%61pi", b";z", b"api%2Fusers", b"..",
]  # fmt: skip


def test_a_path_for_each_way_to_match() -> None:
    one = side(ROUTES)

    def treated(path: bytes) -> tuple[int, object]:
        route, fault = one.site.match(Request(b"GET", path, JudgedHeaders(host=b"a")))
        return route.index, fault

    known = {treated(each.path) for each in path_classes(one.spec.routes, frozenset(PATH_WORDS))}
    dice = random.Random(1)
    found = {treated(b"/" + b"/".join(dice.choices(SEGMENTS, k=dice.randint(1, 3)))) for _ in range(4000)}
    assert found <= known and len(known) == 8


def test_a_class_names_the_routes_that_one_of_its_readings_matches() -> None:
    found = {
        each.path: [route.path for route in each.routes]
        for each in path_classes(side(ROUTES).spec.routes, frozenset(PATH_WORDS))
    }
    assert found[AMBIGUOUS] == []
    assert found[b"/api/users"] == ["/api/users", "/api/*", "/api/**"]
    assert found[b"/caf%C3%A9/"] == ["/caf%C3%A9/"]


def test_it_gives_up_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PATHS", 3)
    with pytest.raises(limits.TooManyError, match="more than 3 ways"):
        list(path_classes(side(ROUTES).spec.routes, frozenset(PATH_WORDS)))
