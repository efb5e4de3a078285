"""SIGHUP, SIGTERM and SIGINT, from a process's first lines to its last.  It imports next to nothing: it is imported first.

The handlers are our own, and not the loop's.  Those come with the loop and go with it; before and after, a SIGHUP would kill the
process and a SIGINT would write a traceback.  uvloop wakes up for every signal and lets Python's handlers run."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Final, NoReturn

ALL: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)

_take: Callable[[int], object] | None = None
_hung_up = False


def hold(*obeyed: int) -> None:
    """From the first lines: SIGTERM and SIGINT end the process with 0, for nothing is under way; a SIGHUP is remembered.
    Only those of `obeyed`, where some are named: the others are ignored."""
    for number in ALL:
        signal.signal(number, _handle if not obeyed or number in obeyed else signal.SIG_IGN)


def hand_over(take: Callable[[int], object], *obeyed: int) -> None:
    """From now on each signal is `take(number)`, also a SIGHUP that came before.  `take` is called between any two
    instructions of the main thread: it may do no more than `loop.call_soon_threadsafe`."""
    global _take, _hung_up
    _take = take
    hold(*obeyed)
    if _hung_up:
        _hung_up = False
        take(signal.SIGHUP)


def ignore() -> None:
    """For the last lines.  What they do is bounded in time, and no signal may change the exit code any more."""
    global _take
    for number in ALL:
        signal.signal(number, signal.SIG_IGN)
    _take = None


def leave(code: int) -> NoReturn:
    """The end, without the interpreter's: that would set the signals back to their defaults while it works, and wait for
    threads, one of which may be reading a file that does not answer."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # there is none, or nobody reads it
            stream.flush()
    os._exit(code)


def _handle(number: int, frame: FrameType | None) -> None:
    global _hung_up
    if _take is not None:
        _take(number)
    elif number == signal.SIGHUP:
        _hung_up = True
    else:
        os._exit(0)
