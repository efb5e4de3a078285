"""What the kernel says that a process and its descendants used: run time of all their threads, and memory."""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds
PAGE = os.sysconf("SC_PAGE_SIZE")  # bytes


class Reading(NamedTuple):
    """Counters at one moment: nanoseconds by thread (empty where this kernel does not count them), ticks and page faults of all."""

    threads: dict[int, int]
    user: int
    system: int
    faults: int


class Cpu(NamedTuple):
    """Between two readings; seconds. `run` is exact to microseconds, `user` and `system` sum to it and are estimates from ticks."""

    run: float
    user: float
    system: float


def tree(pid: int, proc: Path = Path("/proc")) -> list[int]:
    """The process and all its descendants, parents first."""
    found = [pid]
    for each in found:
        for children in (proc / str(each) / "task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found


def read(pids: list[int], proc: Path = Path("/proc")) -> Reading:
    threads: dict[int, int] = {}
    user = system = faults = 0
    for pid in pids:
        for schedstat in (proc / str(pid) / "task").glob("*/schedstat"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                threads[int(schedstat.parent.name)] = int(schedstat.read_text().split()[0])
        # The name stands in parentheses and may hold anything; minflt is field 10, utime and stime are 14 and 15.
        fields = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
        faults, user, system = faults + int(fields[7]), user + int(fields[11]), system + int(fields[12])
    return Reading(threads, user, system, faults)


def used(before: Reading, after: Reading) -> Cpu:
    """What was used between the two. A thread that ended in between is lost; no subject here has such under load."""
    user, system = (after.user - before.user) * TICK, (after.system - before.system) * TICK
    run = sum(count - before.threads.get(thread, 0) for thread, count in after.threads.items()) / 1e9
    if not run:
        return Cpu(user + system, user, system)
    share = user / (user + system) if user + system else 0.0
    return Cpu(run, run * share, run * (1 - share))


def core_seconds(core: int, proc: Path = Path("/proc")) -> float:
    """That a core has spent on anything since the machine started, the hypervisor's other guests included."""
    line = next(line for line in (proc / "stat").read_text().splitlines() if line.startswith(f"cpu{core} "))
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, line.split()[1:9])
    return (user + nice + system + irq + softirq + steal) * TICK


def resident(pids: list[int], proc: Path = Path("/proc")) -> int:
    """RSS of the processes, bytes: a page that two of them share counts twice."""
    return sum(int((proc / str(pid) / "statm").read_text().split()[1]) for pid in pids) * PAGE
