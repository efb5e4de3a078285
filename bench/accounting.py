"""What a process and its descendants used, by the kernel: CPU time of all threads, and memory."""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds
PAGE = os.sysconf("SC_PAGE_SIZE")  # bytes


class Reading(NamedTuple):
    """Counters at one moment: nanoseconds for each thread, and the ticks and page faults of all.

    `threads` is empty if this kernel does not count them."""

    threads: dict[int, int]
    user: int
    system: int
    faults: int


class Cpu(NamedTuple):
    """The seconds between two readings.

    `run` is exact to microseconds. `user` and `system` sum to it; ticks tell only their ratio."""

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
        # proc(5): the name is in parentheses and may hold anything. minflt is field 10, utime and
        # stime are 14 and 15.
        fields = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
        faults, user, system = faults + int(fields[7]), user + int(fields[11]), system + int(fields[12])
    return Reading(threads, user, system, faults)


def used(before: Reading, after: Reading) -> Cpu:
    """What was used between the two.

    A thread that ended in between is not counted; no subject ends threads under load."""
    user, system = (after.user - before.user) * TICK, (after.system - before.system) * TICK
    run = sum(count - before.threads.get(thread, 0) for thread, count in after.threads.items()) / 1e9
    if not run:
        return Cpu(user + system, user, system)
    share = user / (user + system) if user + system else 0.0
    return Cpu(run, run * share, run * (1 - share))


def core_seconds(core: int, proc: Path = Path("/proc")) -> float:
    """The busy seconds of a core since the machine started, with those of the hypervisor's other
    guests."""
    line = next(line for line in (proc / "stat").read_text().splitlines() if line.startswith(f"cpu{core} "))
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, line.split()[1:9])
    return (user + nice + system + irq + softirq + steal) * TICK


def resident(pids: list[int], proc: Path = Path("/proc")) -> int:
    """The RSS of the processes in bytes; a page that two of them share counts twice."""
    return sum(int((proc / str(pid) / "statm").read_text().split()[1]) for pid in pids) * PAGE
