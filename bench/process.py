"""Processes that are pinned to a core, and always ended by their pid."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.accounting import tree

START = 30.0  # seconds until a server listens
STOP = 10.0  # and until it is gone


class BenchError(Exception):
    """The bench cannot go on; its text says why."""


def cores() -> tuple[int, int]:
    """One for the subject, and one for all else."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise BenchError(
            "the bench needs two cores: one for the subject, one for client and upstream; there is one"
        )
    return allowed[0], allowed[1]


def free_ports(count: int) -> list[int]:
    """Free ports on loopback."""
    with contextlib.ExitStack() as held:
        return [
            held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(count)
        ]


@contextlib.contextmanager
def running(
    command: list[str],
    cores: tuple[int, ...],
    port: int,
    output: Path,
    environ: dict[str, str],
    patience: float = START,
) -> Iterator[tuple[int, float]]:
    """The process id, and when it was started, by the monotonic clock; it listens on `port`.

    stdout goes to `output`.log, stderr to `output`.err."""
    # If the bench is killed, the kernel ends its children. Their own session keeps Ctrl-C from
    # them.
    words = ["setpriv", "--pdeathsig", "TERM", "taskset", "--cpu-list", ",".join(map(str, cores)), *command]
    log, errors = output.with_suffix(".log"), output.with_suffix(".err")
    with log.open("ab") as out, errors.open("ab") as err:
        started = time.monotonic()
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            env={**os.environ, **environ},
        )
    try:
        while not _listens(port):
            if process.poll() is not None or time.monotonic() - started > patience:
                raise BenchError(
                    f"{command[0]} does not listen on port {port}:\n"
                    f"{errors.read_text(errors='replace')[-2000:]}"
                )
            time.sleep(0.005)
        yield process.pid, started
    finally:
        _end(process)


def wait_ready(admin: int) -> None:
    """Waits until all workers of cors-proxy serve.

    The supervisor binds the port before they do, so the admin listener is asked."""
    started = time.monotonic()
    while time.monotonic() - started < START:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{admin}/readyz", timeout=1),
        ):
            return
        time.sleep(0.005)
    raise BenchError("cors-proxy does not become ready")


def connect(port: int) -> socket.socket:
    """A new connection on loopback."""
    client = socket.create_connection(("127.0.0.1", port), 10)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process by SIGTERM, and by SIGKILL after a while."""
    if process.poll() is not None:
        return
    pids = tree(process.pid)
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP)
        return
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
