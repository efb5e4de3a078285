"""Colours: on a terminal, unless its user says no."""

import io

import pytest

from cors_proxy.colour import COLOURED, PLAIN, wants_colour


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environ", "wanted"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": ""}, True),  # only a value that is not empty counts
        (Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"TERM": "xterm"}, False),
    ],
)
def test_who_gets_colours(stream: io.StringIO, environ: dict[str, str], wanted: bool) -> None:
    assert wants_colour(stream, environ) is wanted


def test_styles() -> None:
    assert PLAIN.error("a") == "a"
    assert COLOURED.error("a") == "\x1b[1;31ma\x1b[0m"
    painted = {
        paint("a") for paint in (COLOURED.error, COLOURED.warning, COLOURED.hint, COLOURED.bold, COLOURED.dim)
    }
    assert len(painted) == 5
