"""Where a rule stands: every decision can name the line that made it."""

import json
from typing import NamedTuple


class Place(NamedTuple):
    """A position in a policy file; line and column count from 1.

    Line 0: `file` is the whole place, such as an option of the command line."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def exact(self) -> str:
        """With the column too."""
        return f"{self}:{self.column}" if self.line else self.file

    def header(self) -> bytes:
        """As it stands in a header: a file's name may hold any character, a header may not."""
        return json.dumps(str(self))[1:-1].encode("ascii")
