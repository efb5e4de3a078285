"""One subject does one work for a few seconds: the kernel's CPU time by wrk's number of
requests."""

import contextlib
import http.client
import os
import ssl
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench import accounting, frames, upstream, wrk
from bench.check import ask
from bench.peers import program
from bench.process import BenchError
from bench.subjects import Running
from bench.works import WORKS, Work

WARM = 1.0  # seconds
SETTLE = 1.0  # seconds from the start until memory is read
IDLE = 1_000  # connections


class Figure(NamedTuple):
    """CPU in microseconds a request, `p50` and `p99` in microseconds.

    `trouble` is empty if all went well.

    `connections` are those opened to the upstream for 1,000 requests, `faults` the page faults of
    one request. `others` is the share of the subject's core that something else used, from 0 to
    1. `resident` is the RSS at the end, in bytes."""

    cpu: float
    user: float
    system: float
    rate: float
    p50: float
    p99: float
    connections: float
    faults: float
    others: float
    resident: int
    trouble: str


class Memory(NamedTuple):
    """RSS in bytes after the start and before any request, and what each idle connection added.

    `started` is in seconds until the first answer."""

    idle: int
    connection: float
    started: float


def measure(running: Running, work: Work, seconds: float, api: int, folder: Path) -> Figure:
    """`api` is the upstream's port."""
    with _driving(running, work, folder) as drive:
        return _measure(running, work, drive, seconds, api)


@contextlib.contextmanager
def _driving(running: Running, work: Work, folder: Path) -> Iterator[Callable[[float], wrk.Counted]]:
    """What it yields does the work for that many seconds."""
    if work.frames:
        with frames.opened(running.port, work) as drive:
            yield drive
        return
    with contextlib.ExitStack() as stack:
        for number in range(work.idle):
            try:
                ask(stack.enter_context(running.client()), work.requests[number % len(work.requests)])
            except (OSError, http.client.HTTPException) as error:
                title = running.subject.title
                raise BenchError(f"{title}: {number} idle connections, then {error!r}") from error
        yield lambda seconds: wrk.run(work, running.url, seconds, folder, running.subject.workers)


def _measure(
    running: Running, work: Work, drive: Callable[[float], wrk.Counted], seconds: float, api: int
) -> Figure:
    workers = running.subject.workers
    drive(WARM)
    pids = accounting.tree(running.pid)
    seen = upstream.seen(api).connections
    core, before = accounting.core_seconds(running.core), accounting.read(pids)
    counted = drive(seconds)
    after, core = accounting.read(pids), accounting.core_seconds(running.core) - core
    opened = upstream.seen(api).connections - seen - 1
    if running.subject.logs:
        lines = running.log.stat().st_size
        os.truncate(running.log, 0)  # both loggers append, so the next line is the first
        if not lines:
            raise BenchError(f"{running.subject.title} has written no access log")
    cpu, requests = accounting.used(before, after), max(1, counted.requests)
    expected = running.subject.status(work) >= 400
    trouble = []
    if counted.errors:
        trouble.append(f"{counted.errors} socket errors")
    if counted.statuses and not expected:
        trouble.append(f"{counted.statuses} answers of 400 and more")
    if expected and counted.statuses != counted.requests:
        trouble.append(f"{counted.requests - counted.statuses} not refused")
    return Figure(
        cpu=1e6 * cpu.run / requests,
        user=1e6 * cpu.user / requests,
        system=1e6 * cpu.system / requests,
        rate=counted.requests / counted.seconds,
        p50=1e6 * counted.p50,
        p99=1e6 * counted.p99,
        connections=1000 * opened / requests,
        faults=(after.faults - before.faults) / requests,
        others=max(0.0, core - cpu.run) / counted.seconds if workers == 1 else 0.0,
        resident=accounting.resident(pids),
        trouble=", ".join(trouble),
    )


def memory(running: Running, started: float) -> Memory:
    """Measured before any load: the memory that load leaves behind is not that of idle
    connections."""
    time.sleep(SETTLE)
    pids, request = accounting.tree(running.pid), WORKS["get"].requests[0]
    idle = accounting.resident(pids)
    clients = [running.client()]
    try:
        for _ in range(100):  # nor is the memory that the first requests need
            ask(clients[0], request)
        before = accounting.resident(pids)
        for _ in range(IDLE):
            clients.append(running.client())
            ask(clients[-1], request)
        time.sleep(0.5)
        after = accounting.resident(pids)
        for client in clients:  # all of them must still be open
            client.setblocking(False)
            try:
                gone = client.recv(1) == b""
            except (BlockingIOError, ssl.SSLWantReadError):
                gone = False
            if gone:
                raise BenchError(f"{running.subject.title} closes idle connections")
    finally:
        for client in clients:
            client.close()
    return Memory(idle, (after - before) / IDLE, started)


def load_seconds(folder: Path, name: str) -> float:
    """Seconds of `cors-proxy check` with a subject's policy, with Python's start; the median of
    three."""
    command = [program("cors-proxy"), "check", "-c", str(folder / name)]
    taken = []
    for _ in range(3):
        started = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.monotonic() - started)
    return statistics.median(taken)
