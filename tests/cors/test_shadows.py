from dataclasses import replace

import pytest
from hypothesis import given

from cors_proxy.cors.literals import PathWord
from cors_proxy.cors.path import PATH_VARIANTS
from cors_proxy.cors.shadows import outread, shadowed, twins
from cors_proxy.cors.spec import RouteSpec

from .strategies import thorough
from .test_router import Row, asked, router, rows, search, specs


@thorough
@given(rows, asked)
def test_a_shadowed_route_is_never_found(rows: list[Row], request: tuple[list[str], str, str]) -> None:
    path, method, host = request
    found = search(router(rows), path, method, host)
    assert found not in {shadow.route.index for shadow in shadowed(specs(rows))}


@pytest.mark.parametrize(("rows", "found"), [
    ([("/api/**", None, None), ("/api/admin/**", None, None)], [(1, 0)]),
    ([("/api/admin/**", None, None), ("/api/**", None, None)], []),
    ([("/a/*", None, None), ("/a/b", None, None)], [(1, 0)]),
    ([("/a/b", None, None), ("/a/*", None, None)], []),
    ([("/**", None, None), ("/", None, None), ("/x", None, None)], [(1, 0), (2, 0)]),
    ([("/a", ("GET",), None), ("/a", None, None)], []),
    ([("/a", ("GET", "PUT"), None), ("/a", ("PUT",), None)], [(1, 0)]),
    ([("/a", None, ("h",)), ("/a", None, ("H:8080",))], [(1, 0)]),
    ([("/a", None, ("h:8080",)), ("/a", None, ("h",))], []),
    ([("/a", None, ("h",)), ("/a", None, None)], []),
    ([("/%61/**", None, None), ("/a/x", None, None)], [(1, 0)]),
    ([("/a", None, None), ("/a/", None, None)], [(1, 0)]),
    ([("/a/", None, None), ("/a", None, None)], []),
    ([("/*", None, None), ("/a/", None, None), ("/a/*/", None, None)], [(1, 0)]),
])  # fmt: skip
def test_shadows(rows: list[Row], found: list[tuple[int, int]]) -> None:
    assert [(shadow.route.index, shadow.by.index) for shadow in shadowed(specs(rows))] == found


@pytest.mark.parametrize(("rows", "found"), [
    ([("/a", None, None), ("/A", None, None)], [(1, 0)]),
    ([("/a/**", None, None), ("/A/**", None, None), ("/a", None, None)], [(1, 0)]),
    ([("/a", None, None), ("/a/", None, None)], [(1, 0)]),
    ([("/a/", None, None), ("/a", None, None)], [(1, 0)]),
    ([("/a/*/b", None, None), ("/a/*/b;x", None, None)], [(1, 0)]),
    ([("/a", None, None), ("/a%20", None, None), ("/a.", None, None)], [(1, 0), (2, 0)]),
    ([("/a", None, None), ("/%41", None, None)], [(1, 0)]),
    ([("/a", None, None), ("/a", None, None), ("/%61", None, None)], []),
    ([("/a%2Bb", None, None), ("/a+b", None, None)], []),
    ([("/a", None, None), ("/A/**", None, None), ("/A/*", None, None)], []),
    ([("/a", ("GET",), None), ("/A", ("PUT",), None)], []),
    ([("/a", ("GET", "PUT"), None), ("/A", ("PUT",), None)], [(1, 0)]),
    ([("/a", None, ("h",)), ("/A", None, ("i",))], []),
    ([("/a", None, ("h:1",)), ("/A", None, ("h:2",))], []),
    ([("/a", None, ("h:1",)), ("/A", None, ("H",))], [(1, 0)]),
    ([("/a", None, ("h",)), ("/A", None, ("i", "h:1"))], [(1, 0)]),
    ([("/a", None, ("h",)), ("/A", None, None)], [(1, 0)]),
])  # fmt: skip
def test_twins(rows: list[Row], found: list[tuple[int, int]]) -> None:
    assert [(twin.route.index, twin.by.index) for twin in twins(specs(rows))] == found


def test_twins_are_lifted_by_the_route_that_the_folded_reading_finds() -> None:
    def lifted(*opened: int) -> list[RouteSpec]:
        words: list[frozenset[PathWord]] = [
            frozenset({PATH_VARIANTS} if at in opened else ()) for at in (0, 1)
        ]
        return [
            replace(spec, path_words=words[spec.index])
            for spec in specs([("/a", None, None), ("/A", None, None)])
        ]

    assert [len(twins(lifted(*opened))) for opened in ((), (0,), (1,), (0, 1))] == [1, 0, 1, 0]
    assert [len(outread(lifted(*opened))) for opened in ((), (0,), (1,), (0, 1))] == [1, 0, 0, 0]


@pytest.mark.parametrize(("rows", "found"), [
    ([("/API/**", None, None), ("/api/admin", None, None)], [(1, 0)]),
    ([("/api/admin", None, None), ("/API/**", None, None)], []),
    ([("/a/", None, None), ("/a", None, None)], [(1, 0)]),
    ([("/Users/*", None, None), ("/users/me", None, None), ("/users/*/x", None, None)], [(1, 0)]),
    ([("/API/**", ("GET",), None), ("/api/admin", None, None)], []),
])  # fmt: skip
def test_outread(rows: list[Row], found: list[tuple[int, int]]) -> None:
    assert [(shadow.route.index, shadow.by.index) for shadow in outread(specs(rows))] == found
