"""Runs a `Service` as a process: from a policy to an exit code."""

import asyncio
import os
import socket
import sys
from typing import Final, NoReturn

from ..colour import terminal_style, wants_colour
from ..policy.model import Policy
from ..policy.problems import Problem
from . import signals
from .backend import Backend, SingleProcess
from .events import Events
from .feeds import RequiredFeedError
from .listeners import from_systemd
from .loop import new_event_loop
from .process import reserve_standard_streams, set_up_process
from .recorder import Recorder
from .reload import Source
from .service import Service
from .stream import Stream
from .worker_pool import WorkerPool

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1
EXIT_CANNOT_BIND: Final = 3


def serve(policy: Policy, warnings: list[Problem], source: Source, notice: str = "") -> NoReturn:
    """Serve until a signal, then exit.  Sockets come from systemd, else from the policy.

    `notice` is one line about the policy, for the log.
    """
    traffic, admin, asks = from_systemd(os.environ)
    reserve_standard_streams()
    access, errors = Stream(1), Stream(2)
    events = Events(errors, terminal_style(sys.stderr, os.environ))
    try:
        # Not closed: Runner.close waits for the threads of the default executor.
        runner = asyncio.Runner(loop_factory=new_event_loop)
        code = runner.run(_serve(policy, warnings, source, notice, access, events, traffic, admin, asks))
    except Exception as error:  # a bug
        events.failure(error)
        code = EXIT_FAILED
    signals.ignore()
    access.close()
    errors.close()
    signals.exit_process(code)


async def _serve(
    policy: Policy,
    warnings: list[Problem],
    source: Source,
    notice: str,
    access: Stream,
    events: Events,
    traffic: list[socket.socket],
    admin: list[socket.socket],
    asks: list[socket.socket],
) -> int:
    set_up_process(events)
    backend: Backend = (
        WorkerPool(events)
        if policy.server.workers > 1
        else SingleProcess(
            Recorder(access, events, policy.server.access_log, wants_colour(sys.stdout, os.environ))
        )
    )
    service = Service(policy, source, backend, events)
    try:
        await service.run(service.start(traffic, admin, warnings, notice, asks))
    except RequiredFeedError as error:
        events.error("feed-missing", str(error))
        return EXIT_FAILED
    except OSError as error:
        events.error(
            "cannot-listen",
            f"cannot listen: {error}",
            listen=str(policy.listen) if policy.forwards else "none",
            admin=str(policy.admin.listen) if policy.admin else "off",
            **({"decide": str(policy.decide.listen)} if policy.decide else {}),
        )
        return EXIT_CANNOT_BIND
    finally:
        await service.close()
    return EXIT_OK
