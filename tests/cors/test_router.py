import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.place import Place
from cors_proxy.cors.router import Router, outread, shadowed, twins
from cors_proxy.cors.spec import RouteSpec

from .strategies import thorough

Row = tuple[str, tuple[str, ...] | None, tuple[str, ...] | None]


def specs(rows: list[Row]) -> list[RouteSpec]:
    return [RouteSpec(index, path, path, Place("p", index, 1), methods, hosts) for index, (path, methods, hosts) in enumerate(rows)]


def router(rows: list[Row]) -> Router[int]:
    return Router((spec, spec.index) for spec in specs(rows))


def search(routes: Router[int], path: list[str], method: str = "GET", host: str = "") -> int | None:
    return routes.find([part.encode() for part in path], method.encode(), routes.hosts(host.encode()))


segments = st.sampled_from(["a", "b", "*"])
row_paths = st.tuples(st.lists(segments, max_size=3), st.sampled_from(["", "/**"])).map(
    lambda parts: "".join(f"/{part}" for part in parts[0]) + parts[1] or "/"
)
rows = st.lists(
    st.tuples(row_paths, st.sampled_from([None, ("GET",), ("GET", "PUT")]), st.sampled_from([None, ("h",), ("h:1", "i")])), max_size=6
)
asked = st.tuples(
    st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=4),
    st.sampled_from(["GET", "PUT"]),
    st.sampled_from(["h", "H:1", "i:2", "j"]),
)


def naive(rows: list[Row], path: list[str], method: str, host: str) -> int | None:
    """First match, segment by segment."""
    for index, (pattern, methods, hosts) in enumerate(rows):
        parts = pattern.split("/")[1:]
        rest = parts[-1] == "**"
        parts = parts[:-1] if rest else parts
        fits = (
            len(path) >= len(parts)
            if rest
            else len(path) == len(parts) or (path[-1] == "" != parts[-1] and path[:-1] == path[: len(parts)])
        )
        fits = fits and all(part == own or (part == "*" and own != "") for part, own in zip(parts, path, strict=False))
        named = hosts is None or any(name in (host.lower(), host.lower().split(":")[0]) for name in hosts)
        if fits and named and (methods is None or method in methods):
            return index
    return None


@thorough
@given(rows, asked)
def test_finds_what_a_naive_search_finds(rows: list[Row], request: tuple[list[str], str, str]) -> None:
    path, method, host = request
    found = search(router(rows), path, method, host)
    assert found == naive(rows, path, method, host)


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


def test_readings_differ_only_where_a_route_is_written_so() -> None:
    one = router([("/a/@me", None, None), ("/", None, None), ("/**", None, None), ("/a/*", None, None)])
    assert one.one_reading and not one.escapes
    two = router([("/a%2Bb", None, None), ("/a+b", None, None)])
    assert two.escapes and not two.one_reading
    assert (search(two, ["a+b"]), two.find_decoded([b"a+b"], b"GET", two.hosts(b""))) == (1, 0)
    for path in ("/A", "/a;x", "/a.", "/a/", "/É", "/%41"):
        folded = router([(path, None, None)])
        assert not folded.one_reading
        expected = {"/É": "é"}.get(path, "a")
        assert folded.find_folded([expected.encode()], b"GET", (None,)) == 0


def test_one_final_slash() -> None:
    routes = router([("/a", None, None), ("/b/*", None, None), ("/", None, None), ("/c/", None, None)])
    assert [search(routes, path) for path in (["a"], ["a", ""], ["a", "", ""])] == [0, 0, None]
    assert [search(routes, path) for path in (["b", "x"], ["b", "x", ""], ["b", ""], ["b", "", ""])] == [1, 1, None, None]
    assert [search(routes, path) for path in ([""], ["", ""], ["c", ""], ["c"], ["c", "", ""])] == [2, None, 3, None, None]


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
        words = [frozenset({"path-variants"} if at in opened else ()) for at in (0, 1)]
        return [replace(spec, path_words=words[spec.index]) for spec in specs([("/a", None, None), ("/A", None, None)])]

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


def test_a_thousand_routes_cost_what_one_does() -> None:
    one, many = router([("/r999/**", None, None)]), router([(f"/r{number}/**", None, None) for number in range(1_000)])
    path = [b"r999", b"items", b"7"]
    assert (one.find(path, b"GET", (None,)), many.find(path, b"GET", (None,))) == (0, 999)

    def cost(found: Router[int]) -> float:
        best = 1.0
        for _ in range(20):
            start = time.perf_counter()
            for _ in range(200):
                found.find(path, b"GET", (None,))
            best = min(best, time.perf_counter() - start)
        return best

    assert cost(many) < 5 * cost(one)


def test_a_thousand_hosts_of_one_path_too() -> None:
    many = router([("/**", ("GET",), (f"h{number}.example",)) for number in range(1_000)])
    assert search(many, ["x"], "GET", "h999.example:80") == 999
    assert search(many, ["x"], "PUT", "h999.example") is None
