"""Long work on the event loop, in pieces: requests are served in between."""

import asyncio
from collections.abc import Generator
from time import monotonic
from typing import Final, TypeVar

T = TypeVar("T")
PIECE: Final = 0.002  # seconds


async def in_pieces(work: Generator[None, None, T]) -> T:
    """The result of a generator that stops often.  Holds the loop for `PIECE` at a time.

    Not in a thread: that one would hold the interpreter's lock for 5 ms at a time.
    """
    while True:
        end = monotonic() + PIECE
        try:
            while monotonic() < end:
                next(work)
        except StopIteration as done:
            result: T = done.value
            return result
        await asyncio.sleep(0)
