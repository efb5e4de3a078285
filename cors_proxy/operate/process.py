"""What every process of ours does before it serves."""

import asyncio
import contextlib
import logging
import os
import resource
from typing import Final

from .events import Events, LogHandler

_KEPT_BLOCK: Final = 4 << 20  # bytes


def reserve_standard_streams() -> None:
    """A closed stdout's number would go to the next socket, and the log into it: /dev/null takes its place."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def prepare(events: Events) -> None:
    """For any process with a loop: as many descriptors as the system allows, and library messages and bugs in the log's own form."""
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


def _keep_freed_memory() -> None:
    """glibc maps each large block anew, and gives it back when it is freed, until it has seen one of that size come and go (mallopt(3),
    M_MMAP_THRESHOLD).  A large body then costs a page fault for every 4 KiB that is read of it: three times as much as without."""
    block = bytes(_KEPT_BLOCK)
    del block
