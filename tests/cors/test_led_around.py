"""No spelling leads around a route: `Site.match` against a search without tries, skips or bytes, and against all that APIs fold."""

import re
import string
from urllib.parse import unquote_to_bytes

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cors_proxy.cors.compile import compile_site
from cors_proxy.cors.literals import PathWord
from cors_proxy.cors.path import RoutePathError, parse_route_path
from cors_proxy.cors.place import Place
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.site import Site
from cors_proxy.cors.spec import RouteSpec, SiteSpec

from .sites import request
from .strategies import thorough

PLACE = Place("p", 1, 1)
DEFAULT = "(default)"
METHODS, HOSTS = ["GET", "PUT"], ["h", "i:1"]
WORDS = ["path-variants", "encoded-slashes", "empty-segments"]
NAMES = ["a", "b", "A", "a;x", "a.", "a%20", "%2B", "+", "é", "%C3%89", "...", "*"]
ASKED = [
    *NAMES[:-1],
    "%41",
    "%61",
    "",
    ";x",
    "%20",
    "%2e",
    ".",
    "a%3bx",
    "b ",
    "%c3%a9",
    "%ff",
    "A%ff",
    "a%2fb",
    "a;%2Fb",
    "a%0A",
    "x",
    "*",
]

Row = tuple[str, tuple[str, ...] | None, tuple[str, ...] | None, frozenset[PathWord]]
words = st.sets(st.sampled_from(WORDS), max_size=2).map(frozenset)


def rows_of(names: list[str], ends: list[str]) -> st.SearchStrategy[list[Row]]:
    paths = st.tuples(st.lists(st.sampled_from(names), max_size=3), st.sampled_from(ends)).map(
        lambda parts: "".join(f"/{part}" for part in parts[0]) + parts[1] or "/"
    )
    conditions = (
        st.sampled_from([None, None, ("GET",), ("PUT",)]),
        st.sampled_from([None, None, ("h",), ("i",)]),
    )
    return st.lists(st.tuples(paths, *conditions, words), max_size=5)


rows = rows_of(NAMES, ["", "/", "/**"]) | rows_of(
    ["a", "b", "*"], ["", "/**"]
)  # the latter read alike: what can be skipped, is
targets = st.lists(st.sampled_from(ASKED), min_size=1, max_size=4).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)


def site(rows: list[Row], default: frozenset[PathWord] = frozenset()) -> Site:
    routes = [
        RouteSpec(at, str(at), path, PLACE, methods, hosts, path_words=opened)
        for at, (path, methods, hosts, opened) in enumerate(rows)
    ]
    return compile_site(
        SiteSpec(tuple(routes), RouteSpec(len(rows), DEFAULT, "/**", PLACE, path_words=default))
    )


def sound(path: str) -> bool:
    try:
        parse_route_path(path)
    except RoutePathError:
        return False
    return True


def as_spelled(path: str) -> list[str]:
    raw = "".join(
        char if char < "\x80" else "".join(f"%{byte:02X}" for byte in char.encode()) for char in path
    )

    def escape(found: re.Match[str]) -> str:
        char = chr(int(found[1], 16))
        return char if char in string.ascii_letters + string.digits + "-._~" else found[0].upper()

    return re.sub("%(..)", escape, raw).split("/")[1:]


def as_decoded(path: str) -> list[bytes]:
    return unquote_to_bytes(path).split(b"/")[1:]


def as_folded(path: str) -> list[str] | None:
    """None where something is left of no segment but the last, or it is a dot segment."""
    out = []
    segments = as_decoded(path)
    for at, segment in enumerate(segments):
        try:
            text = segment.decode()
        except UnicodeDecodeError:
            text = "".join(map(chr, (byte + 32 if 65 <= byte <= 90 else byte for byte in segment)))
        final = at == len(segments) - 1
        if re.fullmatch(r"\.{3,}", text):
            out.append(text)
            continue
        head = text.split(";")[0]
        name = re.sub(r"[\s.]+\Z", "", head, flags=re.ASCII)
        if name == "" and text != "" and (not final or "." in head):
            return None
        out.append(name.casefold())
    return out[:-1] if len(out) > 1 and out[-1] == "" else out


def fits(pattern: str, read: object, path: list[object], slash: bool) -> bool:
    rest = pattern.endswith("/**")
    stem = pattern.removesuffix("/**") if rest else pattern
    parts: list[object] = read(stem) if stem else []  # type: ignore[operator]
    stars = [part == "*" for part in stem.split("/")[1:]]
    if rest:
        lengths = list(range(len(parts), len(path) + 1))
    else:
        lengths = [len(parts)] + (
            [len(parts) + 1] if slash and parts and parts[-1] and path[-1:] in ([""], [b""]) else []
        )
    if len(path) not in lengths:
        return False
    return all(
        bool(own) if star else own == part for star, part, own in zip(stars, parts, path, strict=False)
    )


def naive(rows: list[Row], default: frozenset[PathWord], method: str, target: str, host: str) -> str | None:
    """The route's name; None where it is ambiguous."""

    def first(read: object, slash: bool) -> tuple[str, frozenset[PathWord]]:
        path: list[object] = read(target)  # type: ignore[operator]
        for at, (pattern, methods, hosts, opened) in enumerate(rows):
            here = hosts is None or host in hosts or host.split(":")[0] in hosts
            if here and (methods is None or method in methods) and fits(pattern, read, path, slash):
                return str(at), opened
        return DEFAULT, default

    if as_folded(target) is None or re.search(";[^/]*%2f", target, re.IGNORECASE):
        return None
    route, opened = first(as_spelled, True)
    needs = {"encoded-slashes"} if "%2f" in target.lower() else set()
    if b"" in as_decoded(target)[:-1]:
        needs.add("empty-segments")
    if first(as_decoded, True)[0] != route or not needs <= opened:
        return None
    other, opens = first(as_folded, False)
    return route if other == route or "path-variants" in opens else None


@thorough
@given(rows, words, st.sampled_from(METHODS), targets, st.sampled_from(HOSTS))
def test_matches_what_a_naive_search_matches(
    rows: list[Row], default: frozenset[PathWord], method: str, target: str, host: str
) -> None:
    rows = [row for row in rows if sound(row[0])]
    route, fault = site(rows, default).match(request(method, target.encode().decode("latin-1"), host))
    assert (route.name if fault is None else None) == naive(rows, default, method, target, host)


@st.composite
def variants(draw: st.DrawFn, path: str) -> str:
    """A spelling of a path that some API takes for it."""
    parts = []
    for segment in path.split("/")[1:]:
        chars = [
            draw(st.sampled_from([char, char.upper(), f"%{ord(char):02x}", f"%{ord(char.upper()):02X}"]))
            for char in segment
        ]
        end = draw(st.lists(st.sampled_from([".", "%2E", "%20", "%0a", ";", ";v=1", "%3Bx"]), max_size=2))
        parts.append("".join(chars + (end if segment else [])))
    return "/" + "/".join(parts) + draw(st.sampled_from(["", "/", "/;x", "/%20"])) * bool(parts[-1])


plain_names = st.lists(st.sampled_from(["admin", "api", "v1", "users"]), min_size=1, max_size=3)


@settings(thorough, max_examples=700)
@given(
    st.lists(st.tuples(plain_names, st.sampled_from(["", "/", "/**", "/*"])), min_size=1, max_size=4),
    st.integers(0, 3),
    st.sampled_from(["me", "x1"]),
    st.data(),
)
def test_a_variant_finds_the_same_route_or_none(
    drawn: list[tuple[list[str], str]], chosen: int, last: str, data: st.DataObject
) -> None:
    rows: list[Row] = [
        ("".join(f"/{name}" for name in names) + end, None, None, frozenset()) for names, end in drawn
    ]
    judge = site(rows)
    pattern = rows[chosen % len(rows)][0]
    path = pattern.replace("/**", f"/{last}").replace("/*", f"/{last}")
    found, fault = judge.match(request(target=path))
    assume(fault is None and found.name != DEFAULT)
    spelled = data.draw(variants(path))
    route, fault = judge.match(request(target=spelled))
    assert fault is Reason.AMBIGUOUS_PATH or route is found, (pattern, spelled)
