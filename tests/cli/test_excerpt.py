"""The line of a problem: printable, cut around the spot, and the marker below it."""

from pathlib import Path

import pytest

from cors_proxy.cli.excerpt import Excerpts
from cors_proxy.cors.place import Place
from cors_proxy.policy.read import Source


def marked(text: str, line: int, column: int) -> tuple[str, str]:
    """The shown line, and the part of it that is marked."""
    found = Excerpts(Source("p", text)).at(Place("p", line, column))
    assert found is not None
    shown, marker = found
    assert marker.startswith("      | ")
    return shown[8:], shown[marker.index("^") : marker.rindex("^") + 1]


@pytest.mark.parametrize(
    ("text", "column", "spot"),
    [
        ("origins: [https://a.example/, b]", 11, "https://a.example/"),
        ("origins: ['https://a b', c]", 11, "'https://a b'"),
        ('origins: ["a\\"b", c]', 11, '"a\\"b"'),
        ("max_age: 10 minutes  # long", 10, "10 minutes"),
        ("exposeHeaders: [X]", 1, "exposeHeaders"),
        ("key: value", 1, "key"),
        ("a: {b: c}", 4, "{"),
        ("a:", 3, ""),
        ("\tkey: value", 2, "key"),
        ("a: \x1b[2J", 4, "\ufffd"),
    ],
)
def test_the_spot(text: str, column: int, spot: str) -> None:
    shown, found = marked(text, 1, column)
    assert found == spot and shown.isprintable()


def test_a_long_line_is_cut_around_the_spot() -> None:
    text = f"origins: [{'x' * 500}, https://a.example/, {'y' * 500}]"
    shown, spot = marked(text, 1, text.index("https") + 1)
    assert spot == "https://a.example/" and len(shown) < 110
    assert shown.startswith("…") and shown.endswith("…")


def test_wide_and_combining_characters_take_their_columns() -> None:
    found = Excerpts(Source("p", "'日本e\u0301': x")).at(Place("p", 1, 9))
    assert found is not None and found[1] == "      |" + " " * 10 + "^"


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_lines_end_as_in_yaml(separator: str) -> None:
    assert marked(f"a: b{separator}key: x", 2, 1) == ("key: x", "key")


def test_no_such_line(tmp_path: Path) -> None:
    excerpts = Excerpts(Source("p", "a: b\n"))
    assert excerpts.at(Place("p", 9, 1)) is None
    assert excerpts.at(Place("p", 2, 1)) is None  # an empty line shows nothing
    assert excerpts.at(Place(str(tmp_path / "none"), 1, 1)) is None
    (tmp_path / "bytes").write_bytes(b"\xff: x\n")
    assert excerpts.at(Place(str(tmp_path / "bytes"), 1, 1)) is not None
