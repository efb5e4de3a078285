import io

import pytest

from cors_proxy.cli import progress
from cors_proxy.cli.progress import MIB, Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal() -> None:
    terminal = Terminal()
    bar = Progress("a.log", 4 * MIB, terminal)
    bar.add(MIB)
    assert "a.log  [#######.......................] 25% of 4 MiB" in terminal.getvalue()
    bar.end()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_of_an_unknown_size_and_not_more_often_than_one_can_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "monotonic", lambda: 1.0)
    terminal = Terminal()
    bar = Progress("stdin", 0, terminal)
    for _ in range(3):
        bar.add(2 * MIB)
    assert terminal.getvalue().count("MiB") == 1 and "stdin  2 MiB" in terminal.getvalue()


def test_nothing_in_a_pipe() -> None:
    pipe = io.StringIO()
    bar = Progress("a.log", 4, pipe)
    bar.add(4)
    bar.end()
    assert pipe.getvalue() == ""
