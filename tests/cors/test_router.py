import time

from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.place import Place
from cors_proxy.cors.router import Router
from cors_proxy.cors.spec import RouteSpec

from .strategies import thorough

Row = tuple[str, tuple[str, ...] | None, tuple[str, ...] | None]


def specs(rows: list[Row]) -> list[RouteSpec]:
    return [
        RouteSpec(index, path, path, Place("p", index, 1), methods, hosts)
        for index, (path, methods, hosts) in enumerate(rows)
    ]


def router(rows: list[Row]) -> Router[int]:
    return Router((spec, spec.index) for spec in specs(rows))


def search(routes: Router[int], path: list[str], method: str = "GET", host: str = "") -> int | None:
    return routes.find([part.encode() for part in path], method.encode(), routes.hosts(host.encode()))


segments = st.sampled_from(["a", "b", "*"])
row_paths = st.tuples(st.lists(segments, max_size=3), st.sampled_from(["", "/**"])).map(
    lambda parts: "".join(f"/{part}" for part in parts[0]) + parts[1] or "/"
)
rows = st.lists(
    st.tuples(
        row_paths,
        st.sampled_from([None, ("GET",), ("GET", "PUT")]),
        st.sampled_from([None, ("h",), ("h:1", "i")]),
    ),
    max_size=6,
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
        fits = fits and all(
            part == own or (part == "*" and own != "") for part, own in zip(parts, path, strict=False)
        )
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
    assert [search(routes, path) for path in (["b", "x"], ["b", "x", ""], ["b", ""], ["b", "", ""])] == [
        1,
        1,
        None,
        None,
    ]
    assert [search(routes, path) for path in ([""], ["", ""], ["c", ""], ["c"], ["c", "", ""])] == [
        2,
        None,
        3,
        None,
        None,
    ]


def test_a_thousand_routes_cost_what_one_does() -> None:
    one, many = (
        router([("/r999/**", None, None)]),
        router([(f"/r{number}/**", None, None) for number in range(1_000)]),
    )
    path = [b"r999", b"items", b"7"]
    assert (one.find(path, b"GET", (None,)), many.find(path, b"GET", (None,))) == (0, 999)

    def cost(found: Router[int]) -> float:
        best = 1.0
        for _ in range(20):
            start = time.thread_time()
            for _ in range(200):
                found.find(path, b"GET", (None,))
            best = min(best, time.thread_time() - start)
        return best

    assert cost(many) < 5 * cost(one)


def test_a_thousand_hosts_of_one_path_too() -> None:
    many = router([("/**", ("GET",), (f"h{number}.example",)) for number in range(1_000)])
    assert search(many, ["x"], "GET", "h999.example:80") == 999
    assert search(many, ["x"], "PUT", "h999.example") is None
