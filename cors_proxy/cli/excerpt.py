"""The line of a file that a problem is about, with a marker under the spot."""

import re
import unicodedata
from typing import Final

from ..cors.place import Place
from ..policy.files import read_file
from ..policy.read import Source

_WIDTH: Final = 100  # of the part of a line that is shown
_BEFORE: Final = 60  # of these, how much comes before the spot in a longer line
# As YAML breaks lines (PyYAML counts all of them).
_LINE_BREAK: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
# A quoted scalar; or a plain one, up to what ends it in a flow collection, or to the colon of a key.
_WORD: Final = r"""(?:(?!:(?:\s|$))[^\s,\[\]{}#'"])+"""
_SPOT: Final = re.compile(rf"""'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|{_WORD}(?: +{_WORD})*""")


class Excerpts:
    """Lines of the policy, and of the files that it names.  Each file is read once."""

    def __init__(self, source: Source) -> None:
        self._lines: dict[str, list[str]] = {}
        if source.text is not None:
            self._lines[source.name] = _LINE_BREAK.split(source.text)

    def at(self, place: Place) -> tuple[str, str] | None:
        """The line with its number, and the marker below it; None where there is no such line."""
        lines = self._lines.get(place.file)
        if lines is None:
            lines = self._lines[place.file] = _read_lines(place.file)
        if not 1 <= place.line <= len(lines) or not lines[place.line - 1].strip():
            return None
        line, column = (
            _without_secrets(lines[place.line - 1]),
            min(place.column - 1, len(lines[place.line - 1])),
        )
        match = _SPOT.match(line, column)
        end = match.end() if match else column + 1
        start = 0 if len(line) <= _WIDTH else max(0, column - _BEFORE)
        stop = min(len(line), start + _WIDTH)
        shown = ("…" if start else "") + _printable(line[start:stop]) + ("…" if stop < len(line) else "")
        before = _columns(("…" if start else "") + _printable(line[start:column]))
        number = f"{place.line:5} | "
        marker = "^" * max(1, _columns(_printable(line[column : min(end, stop)])))
        return number + shown, f"{' ' * (len(number) - 2)}| {' ' * before}{marker}"


def _read_lines(name: str) -> list[str]:
    try:
        text = read_file(name).decode("utf-8", "replace").removeprefix("\ufeff")
    except (OSError, ValueError):
        return []
    return _LINE_BREAK.split(text)


def _without_secrets(line: str) -> str:
    """The line without names and passwords in URLs, and as long as before."""
    return re.sub(r"(?<=://)\S*(?=@)", lambda match: "*" * len(match[0]), line)


def _printable(text: str) -> str:
    """The text on one line: an escape sequence must not reach the terminal."""
    return "".join(
        " " if character == "\t" else character if character.isprintable() else "\ufffd" for character in text
    )


def _columns(text: str) -> int:
    """How many columns of a terminal a printable text takes."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
