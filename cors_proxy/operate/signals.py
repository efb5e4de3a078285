"""SIGHUP, SIGTERM and SIGINT, from the first line of a process to the last.

This module is imported first, so it imports next to nothing.

The handlers are set with `signal.signal`, not with `loop.add_signal_handler`: before and after the
loop a SIGHUP would kill the process, and a SIGINT would print a traceback.  uvloop wakes up for
each signal and lets Python's handlers run.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Final, NoReturn

HANDLED: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)

_callback: Callable[[int], object] | None = None
_sighup_pending = False


def install(*accepted: int) -> None:
    """For the first lines: SIGTERM and SIGINT exit with 0, and a SIGHUP is remembered.

    If `accepted` names signals, all others are ignored.
    """
    for number in HANDLED:
        signal.signal(number, _handle if not accepted or number in accepted else signal.SIG_IGN)


def forward_to(callback: Callable[[int], object], *accepted: int) -> None:
    """From now on call `callback(number)` for each signal, also for a SIGHUP that came before.

    Python calls it between any two instructions of the main thread, so it must do no more than
    `loop.call_soon_threadsafe`.
    """
    global _callback, _sighup_pending
    _callback = callback
    install(*accepted)
    if _sighup_pending:
        _sighup_pending = False
        callback(signal.SIGHUP)


def ignore() -> None:
    """For the last lines: they take a bounded time, and no signal may change the exit code."""
    global _callback
    for number in HANDLED:
        signal.signal(number, signal.SIG_IGN)
    _callback = None


def exit_process(code: int) -> NoReturn:
    """Exit without the interpreter's shutdown.

    That would restore the default signal handlers, and it would wait for threads, of which one may
    read a file that does not answer.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # no stream, or no reader
            stream.flush()
    os._exit(code)


def _handle(number: int, frame: FrameType | None) -> None:
    global _sighup_pending
    if _callback is not None:
        _callback(number)
    elif number == signal.SIGHUP:
        _sighup_pending = True
    else:
        os._exit(0)
