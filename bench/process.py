"""Processes that are pinned to a core, and ended by their number whatever happens."""

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


class Refused(Exception):
    """The bench cannot go on; its text says why."""


def cores() -> tuple[int, int]:
    """One for the subject, and one for all else."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise Refused(
            "two cores are needed: one for the subject, one for its client and its upstream; this machine lends one"
        )
    return allowed[0], allowed[1]


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on now."""
    with contextlib.ExitStack() as held:
        return [
            held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(count)
        ]


@contextlib.contextmanager
def running(
    command: list[str], cores: tuple[int, ...], port: int, output: Path, environ: dict[str, str]
) -> Iterator[tuple[int, float]]:
    """Its process id, and the seconds until it listened on `port`; stdout goes to `output`.log, stderr to `output`.err."""
    # Should the bench be killed outright, the kernel ends its children; a session of their own keeps Ctrl-C from them.
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
            if process.poll() is not None or time.monotonic() - started > START:
                raise Refused(
                    f"{command[0]} does not listen on port {port}:\n{errors.read_text(errors='replace')[-2000:]}"
                )
            time.sleep(0.005)
        yield process.pid, time.monotonic() - started
    finally:
        _end(process)


def wait_ready(admin: int) -> float:
    """Until cors-proxy's admin listener says that all workers serve: their supervisor listens before they do. The seconds it took."""
    started = time.monotonic()
    while time.monotonic() - started < START:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{admin}/readyz", timeout=1),
        ):
            return time.monotonic() - started
        time.sleep(0.005)
    raise Refused("cors-proxy does not become ready")


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asked first; what is left of it after a while, by force."""
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
