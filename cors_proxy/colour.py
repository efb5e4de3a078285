"""Colours on a terminal, and none elsewhere (https://no-color.org)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TextIO

_END: Final = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Style:
    """How parts of a text look; `on` is whether they have colours."""

    on: bool

    def error(self, text: str) -> str:
        return self._paint("1;31", text)

    def warning(self, text: str) -> str:
        return self._paint("1;33", text)

    def hint(self, text: str) -> str:
        return self._paint("32", text)

    def bold(self, text: str) -> str:
        return self._paint("1", text)

    def dim(self, text: str) -> str:
        return self._paint("2", text)

    def _paint(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}{_END}" if self.on else text


PLAIN: Final = Style(False)
COLOURED: Final = Style(True)


def wants_colour(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Whether the stream is a terminal with colours whose user did not turn them off."""
    return is_terminal(stream) and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person reads the stream; None is one that was closed at the start."""
    return stream is not None and stream.isatty()


def terminal_style(stream: TextIO | None, environ: Mapping[str, str]) -> Style | None:
    """How text looks for the person at the terminal; None where no person reads the stream."""
    if not is_terminal(stream):
        return None
    return COLOURED if wants_colour(stream, environ) else PLAIN
