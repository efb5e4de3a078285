"""What every process of ours does before it serves."""

import asyncio
import contextlib
import logging
import os
import resource

from .events import Events, LogHandler


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
    logging.basicConfig(handlers=[LogHandler(events)], level=logging.WARNING, force=True)

    def unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            events.failure(error)
        else:
            events.error("loop", str(context.get("message")))

    asyncio.get_running_loop().set_exception_handler(unhandled)
