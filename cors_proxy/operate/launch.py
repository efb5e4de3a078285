"""From a policy to an exit code: the process around a `Service`."""

import asyncio
import os
import socket
from typing import Final, NoReturn

import uvloop

from ..policy.model import Policy
from ..policy.problems import Problem
from . import signals
from .backend import Backend, SingleProcess
from .events import Events
from .listeners import from_systemd
from .process import prepare, reserve_standard_streams
from .recorder import Recorder
from .reload import Source
from .service import Service
from .stream import Stream
from .worker_pool import WorkerPool

FINE: Final = 0
FAILED: Final = 1
CANNOT_BIND: Final = 3


def serve(policy: Policy, warnings: list[Problem], source: Source) -> NoReturn:
    """Serve until a signal ends it, and leave with the exit code."""
    traffic, admin = from_systemd(os.environ)
    reserve_standard_streams()
    access, errors = Stream(1), Stream(2)
    events = Events(errors)
    try:
        # Never closed: that would wait for threads, and `leave` does not.
        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        code = runner.run(_serve(policy, warnings, source, access, events, traffic, admin))
    except Exception as error:  # a bug; it is told as one
        events.failure(error)
        code = FAILED
    signals.ignore()
    access.close()
    errors.close()
    signals.leave(code)


async def _serve(
    policy: Policy,
    warnings: list[Problem],
    source: Source,
    access: Stream,
    events: Events,
    traffic: list[socket.socket],
    admin: list[socket.socket],
) -> int:
    prepare(events)
    backend: Backend = (
        WorkerPool(events)
        if policy.server.workers > 1
        else SingleProcess(Recorder(access, events, policy.server.access_log))
    )
    service = Service(policy, source, backend, events)
    try:
        await service.run(service.start(traffic, admin, warnings))
    except OSError as error:
        events.error(
            "cannot-listen",
            f"cannot listen: {error}",
            listen=str(policy.listen),
            admin=str(policy.admin.listen) if policy.admin else "off",
        )
        return CANNOT_BIND
    finally:
        await service.close()
    return FINE
