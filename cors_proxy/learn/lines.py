"""The lines of a log, as a stream in bounded memory."""

import gzip
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

MAX_LINE: Final = 1 << 16  # a longer one is counted and skipped
_CHUNK: Final = 1 << 18


def open_log(path: Path) -> IO[bytes]:
    """Also of a log that was compressed when it was rotated.  Raises OSError."""
    if path.suffix == ".gz":
        return io.BufferedReader(gzip.GzipFile(path, "rb"))
    return path.open("rb")


def read_lines(stream: IO[bytes], progress: Callable[[int], None] = lambda _: None) -> Iterator[str | None]:
    """Each line without its end; None for one that is too long.  `progress` gets the bytes read."""
    rest, skipping = b"", False
    while chunk := stream.read(_CHUNK):
        progress(len(chunk))
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if skipping or len(line) > MAX_LINE:
                skipping = False
                yield None
            else:
                yield line.decode("utf-8", "replace").rstrip("\r")
        if len(rest) > MAX_LINE:
            rest, skipping = b"", True
    if skipping:
        yield None
    elif rest:
        yield rest.decode("utf-8", "replace").rstrip("\r")
