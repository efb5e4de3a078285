"""Where a rule stands: every decision can name the line that made it."""

from typing import NamedTuple


class Place(NamedTuple):
    """A position in a policy file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"
