"""The kernel's counters, read of this process and of a process tree made of files."""

import os
import time
from pathlib import Path

import pytest

from bench.accounting import PAGE, TICK, Reading, core_seconds, read, resident, tree, used


def test_this_process() -> None:
    pids = tree(os.getpid())
    assert pids[0] == os.getpid()
    before, until = read(pids[:1]), time.process_time() + 0.05
    while time.process_time() < until:
        pass
    cpu = used(before, read(pids[:1]))
    assert 0.03 < cpu.run < 5
    assert cpu.user + cpu.system == pytest.approx(cpu.run)
    assert resident(pids[:1]) > 1 << 20


def process(proc: Path, pid: int, threads: dict[int, int], children: str = "") -> None:
    """With a name that looks like fields; 7 page faults, 30 ticks as user and 10 as system."""
    for thread, nanoseconds in threads.items():
        task = proc / str(pid) / "task" / str(thread)
        task.mkdir(parents=True)
        (task / "schedstat").write_text(f"{nanoseconds} 50895 1\n")
        (task / "children").write_text(children if thread == pid else "")
    (proc / str(pid) / "stat").write_text(f"{pid} (a) S 1) S 1 2 3 4 5 6 7 0 0 0 30 10 0 0\n")
    (proc / str(pid) / "statm").write_text("90 25 3 1 0 20 0\n")


def test_all_threads_of_all_descendants(tmp_path: Path) -> None:
    process(tmp_path, 1, {1: 1000, 2: 500}, "3 ")
    process(tmp_path, 3, {3: 70}, "4 ")
    process(tmp_path, 4, {4: 9})
    assert tree(1, tmp_path) == [1, 3, 4]
    assert read([1, 3], tmp_path) == Reading({1: 1000, 2: 500, 3: 70}, 60, 20, 14)
    assert resident([1, 3], tmp_path) == 50 * PAGE


def test_a_core(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text(
        "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 9 9 9 9 9 9 9 9 0 0\ncpu1 1 2 4 8 16 32 64 128 0 0\n"
    )
    assert core_seconds(1, tmp_path) == pytest.approx(231 * TICK)


def test_between_two_readings() -> None:
    before, after = (
        Reading({1: 100, 2: 50}, 10, 10, 0),
        Reading({1: 3_000_000_100, 3: 1_000_000_000}, 40, 20, 0),
    )
    assert used(before, after) == pytest.approx(
        (4.0, 3.0, 1.0)
    )  # a thread that ended is lost, a new one counts
    without = used(Reading({}, 10, 10, 0), Reading({}, 40, 20, 0))
    assert without == pytest.approx((40 * TICK, 30 * TICK, 10 * TICK))
