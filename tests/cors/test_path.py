import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.path import (
    EMPTY_SEGMENTS,
    ENCODED_SLASHES,
    RoutePathError,
    one_reading,
    parse_route_path,
    spell,
)
from cors_proxy.cors.variants import quiet

from .strategies import thorough

PIECES = [b"/", b"a", b"b", b".", b"..", b"%2e", b"%2E", b"%2f", b"%2F", b"%5c", b"\\", b"%00", b"%23", b"#", b"%", b"%zz", b"%41", b"%7e",
b"%25",
          b"%c3%a9", b"\xc3\xa9", b"%c0%ae", b";", b";x", b"@", b"%40", b"*"]  # fmt: skip
paths = st.lists(st.sampled_from(PIECES), max_size=8).map(lambda parts: b"/" + b"".join(parts))


@pytest.mark.parametrize(
    "path",
    [
        "/a/../b", "/a/./b", "/..", "/.", "/a/..", "/%2e%2e/a", "/.%2E/a", "/%2E", "/a/..%2fb", "/a/%2e%2e%2fb", "/a/..;/b", "/a/.;x=1",
        "/a/%2e%2e%3bx/b",
        "/a\\b", "/a%5cb", "/a%5C..", "/a%00", "/%", "/%2", "/a%zz", "/a%2gb", "/a#b", "/a%23b", "/%c0%ae%c0%ae/a", "/%c0%af",
        "/%e0%80%af", "/\xc0\xae",
        "/%f0%80%80%af", "a/b", "", "/a/%2e%2e%20", "/a;%2fb/c", "/a;x=%2F", "/b/a;;%2fb",
        "/.%20/a", "/a/;x/b", "/a/%3b/b", "/%20/b", "/a;x/%20;/b",
    ],
)  # fmt: skip
def test_ambiguous(path: str) -> None:
    assert spell(path.encode("latin-1")) is None
    assert not quiet(path.encode("latin-1"))


@pytest.mark.parametrize(
    ("path", "spelled", "decoded"),
    [
        ("/", [""], [""]),
        ("/a/b/", ["a", "b", ""], ["a", "b", ""]),
        ("/%61%7E%2d", ["a~-"], ["a~-"]),
        ("/%40me/%2b", ["%40me", "%2B"], ["@me", "+"]),
        ("/a%20b/%3a", ["a%20b", "%3A"], ["a b", ":"]),
        ("/100%25", ["100%25"], ["100%"]),
        ("/%252e%252e/a", ["%252e%252e", "a"], ["%2e%2e", "a"]),
        (
            "/.../.well-known/..a/a..",
            ["...", ".well-known", "..a", "a.."],
            ["...", ".well-known", "..a", "a.."],
        ),
        ("/a;b=c", ["a;b=c"], ["a;b=c"]),
        ("/%c3%a9", ["%C3%A9"], ["\xc3\xa9"]),
        ("/\xc3\xa9", ["%C3%A9"], ["\xc3\xa9"]),
        ("/%c3", ["%C3"], ["\xc3"]),
        ("/%e0%a4%a6", ["%E0%A4%A6"], ["\xe0\xa4\xa6"]),
        ("/%f0%9f%98%80", ["%F0%9F%98%80"], ["\xf0\x9f\x98\x80"]),
        ("/\xe0", ["%E0"], ["\xe0"]),
    ],
)
def test_two_readings(path: str, spelled: list[str], decoded: list[str]) -> None:
    found = spell(path.encode("latin-1"))
    assert found is not None and not found.needs
    assert [part.decode("latin-1") for part in found.spelled] == spelled
    assert [part.decode("latin-1") for part in found.decoded] == decoded


@pytest.mark.parametrize(("path", "needs"), [
    ("/a%2fb", {ENCODED_SLASHES}), ("/a%2fb;x/c;y", {ENCODED_SLASHES}), ("/a;x/b%2fc", {ENCODED_SLASHES}),
    ("/a//b", {EMPTY_SEGMENTS}), ("//a", {EMPTY_SEGMENTS}), ("/a%2F%2Fb", {ENCODED_SLASHES, EMPTY_SEGMENTS}),
    ("/a//", {EMPTY_SEGMENTS}), ("/a%2f", {ENCODED_SLASHES}), ("/%2f", {ENCODED_SLASHES, EMPTY_SEGMENTS}), ("/a/%2f/b", {ENCODED_SLASHES,
    EMPTY_SEGMENTS}),
])  # fmt: skip
def test_what_a_route_must_open(path: str, needs: set[str]) -> None:
    found = spell(path.encode())
    assert found is not None and found.needs == needs


@thorough
@given(paths | st.binary(max_size=24).map(lambda raw: b"/" + raw))
def test_nothing_is_hidden(path: bytes) -> None:
    """What passes unopened holds, decoded once by whoever comes after, no segment that is resolved, emptied or cut off."""
    found = spell(path)
    if found is None or found.needs:
        return
    decoded = re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode()), path)
    assert b"/".join([b"", *found.decoded]) == decoded
    assert not re.search(rb"(^|/)\.{1,2}(;[^/]*)?(/|$)|//|[\\#\x00]", decoded)
    assert not re.search(rb"%(?![0-9A-Fa-f]{2})", path)
    assert decoded.count(b"/") == path.count(b"/")


@thorough
@given(paths)
def test_a_plain_path_is_its_first_two_readings(path: bytes) -> None:
    found = spell(path)
    if one_reading(path) and found is not None:
        assert found.spelled is found.decoded and found.decoded == path[1:].split(b"/") and not found.needs


def test_folded_is_what_is_left_of_the_decoded_path() -> None:
    found = spell(b"/%41dmin%3Bx/B%2e/C%20")
    assert found is not None and found.folded == [b"admin", b"b", b"c"]
    assert found.spelled == [b"Admin%3Bx", b"B.", b"C%20"]


@pytest.mark.parametrize(("text", "folded"), [
    ("/API/**", ["api"]), ("/a;x/*/B/**", ["a", None, "b"]), ("/a/", ["a"]), ("/", [""]), ("/**", []),
    ("/*/", [None]), ("/%41%3bx/*", ["a", None]),
])  # fmt: skip
def test_route_paths_folded(text: str, folded: list[str | None]) -> None:
    assert parse_route_path(text).folded == tuple(None if part is None else part.encode() for part in folded)


@pytest.mark.parametrize(("text", "spelled", "decoded", "rest"), [
    ("/**", [], [], True), ("/", [""], [""], False), ("/a/*/b/**", ["a", None, "b"], ["a", None, "b"], True), ("/%61", ["a"], ["a"], False),
    ("/a%2Bb", ["a%2Bb"], ["a+b"], False), ("/caf\u00e9", ["caf%C3%A9"], ["caf\u00e9"], False), ("/a/", ["a", ""], ["a", ""], False),
])  # fmt: skip
def test_route_paths(text: str, spelled: list[str | None], decoded: list[str | None], rest: bool) -> None:
    found = parse_route_path(text)
    assert found.spelled == tuple(None if part is None else part.encode() for part in spelled)
    assert found.decoded == tuple(None if part is None else part.encode() for part in decoded)
    assert found.rest is rest


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "/a b",
        "/a?b",
        "/a#b",
        "/a\\b",
        "/a*",
        "/**/a",
        "/a/**b",
        "/a/../b",
        "/a//b",
        "/a%2fb",
        "/%zz",
        "/a\n",
        "/\ud800",
        "/;x/a",
        "/%20/a",
        "/a/..%20",
    ],
)
def test_no_route_paths(text: str) -> None:
    with pytest.raises(RoutePathError):
        parse_route_path(text)
