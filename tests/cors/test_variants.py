import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.path import spell
from cors_proxy.cors.variants import fold, quiet

from .strategies import thorough


@pytest.mark.parametrize(("path", "folded"), [
    ("/", [""]), ("/a", ["a"]), ("/a/", ["a"]), ("/a//", ["a", ""]), ("/A/bC", ["a", "bc"]), ("/a;x=1/b", ["a", "b"]),
    ("/a;x=1;y=2", ["a"]), ("/A./b..", ["a", "b"]), ("/a /b \t\n\v\f\r", ["a", "b"]), ("/a. ;x./b", ["a", "b"]),
    ("/a;.", ["a"]), ("/a;..", ["a"]), ("/;x", [""]), ("/a/;x", ["a"]), ("/a/ ", ["a"]), ("/a/.../b", ["a", "...", "b"]),
    ("/a/...", ["a", "..."]), ("/.a/..b/a..b", [".a", "..b", "a..b"]), ("/ a/\ta", [" a", "\ta"]), ("/a;", ["a"]),
      ("/@~!$&'()*+,=:", ["@~!$&'()*+,=:"]),
    ("/CAFÉ", ["café"]), ("/\u212aelvin/\u017f", ["kelvin", "s"]), ("/STRASSE/stra\u00dfe", ["strasse", "strasse"]),
    ("/\u03a3\u03c2", ["\u03c3\u03c3"]), ("/ADM\u0130N/adm\u0131n", ["admin", "admin"]), ("/\u00c9. ", ["é"]),
])  # fmt: skip
def test_fold(path: str, folded: list[str]) -> None:
    assert fold(path.encode()) == [name.encode() for name in folded]


@pytest.mark.parametrize(
    "path",
    [
        "/.", "/..", "/./a", "/../a", "/a/..", "/..;x/a", "/.;", "/a/..;x", "/. /a", "/.. /a", "/a/. ", "/a/.. ", "/a/ .", "/a/. .",
        "/... /a", "/...;x/a", "/;/a", "/;x/a", "/a/;x=1/b", "/ /a", "/a/ \t/b", "/a/ ;x/b", "/a/..\n",
    ],
)  # fmt: skip
def test_nothing_left(path: str) -> None:
    assert fold(path.encode()) is None
    assert not quiet(path.encode())


def test_a_segment_that_is_not_utf8_has_ascii_case() -> None:
    assert fold(b"/CAF\xc9/CAF\xc3\x89/\xed\xa0\x80A") == [b"caf\xc9", "café".encode(), b"\xed\xa0\x80a"]


def test_every_letter_is_one_in_all_its_cases() -> None:
    """Whatever mapping an API compares by, of those that Unicode has."""
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        cases = {letter.upper(), letter.lower(), letter.title(), letter.casefold()} - {letter}
        if cases:
            assert {tuple(fold(f"/{case}".encode()) or ()) for case in cases} == {
                tuple(fold(f"/{letter}".encode()) or ())
            }, code


PIECES = [
    b"/",
    b"a",
    b"B",
    b".",
    b"..",
    b";",
    b";x",
    b"%20",
    b" ",
    b"%3b",
    b"%41",
    b"%2e",
    "É".encode(),
    b"%c3%a9",
    b"~",
    b"@",
    b"%0a",
    b"-1",
]
paths = st.lists(st.sampled_from(PIECES), max_size=8).map(lambda parts: b"/" + b"".join(parts))


@thorough
@given(paths | st.binary(max_size=16).map(lambda raw: b"/" + raw))
def test_a_quiet_path_is_all_its_readings(path: bytes) -> None:
    if quiet(path):
        found = spell(path)
        segments = path[1:].split(b"/")
        assert found is not None and not found.needs
        assert found.spelled == found.decoded == segments
        assert found.folded == (segments[:-1] if len(segments) > 1 and segments[-1] == b"" else segments)


@thorough
@given(paths | st.binary(max_size=16).map(lambda raw: b"/" + raw))
def test_folding_twice_changes_nothing(path: bytes) -> None:
    folded = fold(path)
    if folded is not None and b"" not in folded:
        assert fold(b"/" + b"/".join(folded)) == folded


@pytest.mark.parametrize(("path", "is_quiet"), [
    ("/", True), ("/api/v1.2/app.min.js", True), ("/a/b/", True), ("/~a/@me/x=1,2:3!$&'()*+", True), ("/A", False), ("/a;x", False),
    ("/a.", False), ("/a./b", False), ("/.well-known/..a", True), ("/a//b", False), ("/%61", False), ("/é", False),
    ("a", False), ("", False),
])  # fmt: skip
def test_quiet(path: str, is_quiet: bool) -> None:
    assert quiet(path.encode()) is is_quiet
