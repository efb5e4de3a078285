"""What a serving process sets up first: descriptors, memory, logging."""

import asyncio
import contextlib
import logging
import os
import resource
from pathlib import Path
from typing import Final

from .events import Events, LogHandler

# In a worker's arguments, before the descriptor of a listening socket for asks.
ASK: Final = "decide:"
_LARGEST_KEPT_BLOCK: Final = 4 << 20  # bytes


def reserve_standard_streams() -> None:
    """Open /dev/null in place of a closed stdin, stdout or stderr.

    Otherwise the next socket would get that descriptor, and log lines would go to a client.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def set_up_process(events: Events) -> None:
    """Raise the limit on descriptors, and log libraries' messages as events.  Call it in the loop."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    _keep_freed_memory()
    logging.basicConfig(handlers=[LogHandler(events)], level=logging.WARNING, force=True)

    def unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            events.failure(error)
        else:
            events.error("loop", str(context.get("message")))

    asyncio.get_running_loop().set_exception_handler(unhandled)


def resident_memory() -> int:
    """Resident bytes of this process, as ps(1) shows them, or 0 where /proc is missing."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


def _keep_freed_memory() -> None:
    """Make glibc reuse large blocks.

    glibc maps each block above M_MMAP_THRESHOLD anew and unmaps it on free, until it has freed one
    of that size once (mallopt(3), dynamic threshold).  Without this a large body costs three times
    as much: one page fault for each 4 KiB.
    """
    block = bytes(_LARGEST_KEPT_BLOCK)
    del block
