"""A bar on a terminal, while a long file is read."""

import sys
from time import monotonic
from typing import Final, TextIO

_WIDTH: Final = 30
_EVERY: Final = 0.2  # seconds
MIB: Final = 1 << 20


class Progress:
    """`total` bytes, 0 where the size is not known.  Writes nothing where `stream` is no terminal."""

    def __init__(self, name: str, total: int, stream: TextIO | None = None) -> None:
        self._name, self._total = name, total
        self._stream = sys.stderr if stream is None else stream
        self._on = self._stream.isatty()
        self._read = 0
        self._next = 0.0
        self._shown = False

    def add(self, count: int) -> None:
        self._read += count
        if self._on and monotonic() >= self._next:
            self._next = monotonic() + _EVERY
            self._shown = True
            self._stream.write(f"\r{self._line()}\x1b[K")
            self._stream.flush()

    def end(self) -> None:
        """Takes the bar away."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _line(self) -> str:
        if not self._total:
            return f"{self._name}  {self._read // MIB} MiB"
        done = min(self._read / self._total, 1.0)
        full = int(done * _WIDTH)
        return f"{self._name}  [{'#' * full}{'.' * (_WIDTH - full)}] {done:.0%} of {self._total // MIB} MiB"
