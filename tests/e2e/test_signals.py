"""A process always handles its signals: each signal is sent at moments from its start to its end.

A moment is a share of the CPU time that the start or the end takes. It differs from run to run;
what the tests assert holds at every moment."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import pytest

from .conftest import PATIENCE, Running, Start, Upstream

HANDLED = {signal.SIGHUP, signal.SIGTERM, signal.SIGINT}
STARTING, ENDING = 13, 7  # moments
# SIGTERM and SIGINT mean the same: each moment is for one of them.
TURN = {signal.SIGTERM: slice(0, None, 2), signal.SIGINT: slice(1, None, 2), signal.SIGHUP: slice(None)}
pytestmark = pytest.mark.timeout(180)  # twenty processes one after the other, on a shared machine
BUGS = {"internal-error", "library", "loop", "worker-died", None}


def masked(pid: int, name: str) -> set[int]:
    """The signals in a mask of /proc/PID/status: SigCgt for handlers, SigIgn for ignored ones."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return {number for number in range(1, 65) if int(line.split()[1], 16) >> (number - 1) & 1}
    return set()


def work(proxy: Running) -> int:
    """Nanoseconds of CPU time that the process and its children have used."""
    total = 0
    with contextlib.suppress(OSError):
        for pid in (proxy.pid, *proxy.children()):
            total += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    return total


def over(proxy: Running) -> bool:
    return proxy.process.returncode is not None


async def reach(proxy: Running, target: float) -> None:
    """Waits until the process used so much CPU time, ended, or has nothing more to do."""
    async with asyncio.timeout(PATIENCE):
        while work(proxy) < target and not over(proxy) and not listening(proxy):
            await asyncio.sleep(0.001)


async def handlers(proxy: Running) -> int:
    async with asyncio.timeout(PATIENCE):
        while not masked(proxy.pid, "SigCgt") >= HANDLED:
            assert not over(proxy)
            await asyncio.sleep(0.001)
    return work(proxy)


def listening(proxy: Running) -> bool:
    return any(each.get("event.name") == "listening" for each in proxy.events)


def policy(workers: int) -> str:
    return f"server: {{workers: {workers}, access_log: off}}\n"


def shares(count: int) -> list[float]:
    return [index / (count - 1) for index in range(count)]


async def ended_well(proxy: Running, *, fine: str = "") -> None:
    assert await proxy.end() == 0
    assert not [each for each in proxy.events if each.get("event.name") in BUGS - {fine}]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_end_at_any_moment_of_the_start(start: Start, number: signal.Signals, workers: int) -> None:
    whole = await start(policy(workers), wait=False)
    first = await handlers(whole)
    await whole.event("listening")
    last = work(whole)
    for share in shares(STARTING)[TURN[number]]:
        proxy = await start(policy(workers), wait=False)
        await handlers(proxy)
        await reach(proxy, first + share * (last - first))
        proxy.signal(number)
        await ended_well(proxy)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
async def test_a_signal_at_any_moment_of_the_end(start: Start, number: signal.Signals, workers: int) -> None:
    for share in shares(ENDING)[TURN[number]]:
        proxy = await start(policy(workers))
        proxy.events.clear()
        before = work(proxy)
        proxy.signal(signal.SIGTERM)
        await reach(proxy, before + share * 5e6)  # about what its end takes
        with contextlib.suppress(ProcessLookupError):
            proxy.signal(number)
        await ended_well(proxy)


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_hang_up_is_remembered_at_any_moment_of_the_start(start: Start, workers: int) -> None:
    """All moments in one process: the signal is a reload, not an end."""
    whole = await start(policy(workers), wait=False)
    first = await handlers(whole)
    await whole.event("listening")
    last = work(whole)
    proxy = await start(policy(workers), wait=False)
    await handlers(proxy)
    for share in shares(STARTING):
        await reach(proxy, first + share * (last - first))
        proxy.signal(signal.SIGHUP)
    assert (await proxy.event("policy-reloaded"))["cause"] == "SIGHUP"
    early = await start(policy(workers), wait=False)
    await handlers(early)
    early.signal(signal.SIGHUP)  # long before there is anything to reload
    await early.event("policy-reloaded")
    for each in (proxy, early):
        each.signal(signal.SIGTERM)
        await ended_well(each)


async def test_a_worker_hears_nothing_but_sigterm(start: Start) -> None:
    """From the moment at which its signal mask is set, until it serves."""
    proxy = await start(policy(3), wait=False)
    told: set[int] = set()
    async with asyncio.timeout(PATIENCE):
        while len(told) < 3 or not listening(proxy):
            await asyncio.sleep(0.001)
            with contextlib.suppress(OSError):
                told.update(
                    pid for pid in proxy.children() if masked(pid, "SigIgn") >= {signal.SIGHUP, signal.SIGINT}
                )
            for pid in told:
                for number in (signal.SIGHUP, signal.SIGINT):
                    os.kill(pid, number)
    assert set(proxy.children()) == told
    proxy.signal(signal.SIGINT)
    await ended_well(proxy)


async def test_a_terminal_reaches_the_supervisor_alone(start: Start) -> None:
    """Ctrl-C while the workers start: before their handlers are set, they would print a
    traceback."""
    for count in (1, 2, 3):
        proxy = await start(policy(3), wait=False, start_new_session=True)
        await proxy.until(lambda proxy=proxy, count=count: over(proxy) or len(proxy.children()) >= count)  # type: ignore[misc]
        os.killpg(proxy.pid, signal.SIGINT)
        # by SIGINT, if the fork has not left the process group yet
        await ended_well(proxy, fine="worker-died")
    proxy = await start(policy(3), start_new_session=True)
    assert os.getpgid(proxy.pid) == proxy.pid and proxy.pid not in map(os.getpgid, proxy.children())


async def test_workers_without_a_supervisor_leave_without_a_word(start: Start, upstream: Upstream) -> None:
    """At moments of their start, and while one of them is asked."""
    whole = await start(policy(3))
    last = work(whole)
    for share in (0.3, 0.5, 0.7, 0.9, 2.0):
        proxy = await start(policy(3), wait=False)
        await reach(proxy, share * last)
        if listening(proxy):
            proxy.url = (await proxy.event("listening"))["listen"][0]
            held = asyncio.create_task(proxy.ask("/hold"))
            await upstream.arrived.get()
            proxy.signal(signal.SIGKILL)
            await proxy.until(lambda proxy=proxy: over(proxy))  # type: ignore[misc]
            upstream.gate.set()
            assert await held == (200, "/hold")
        else:
            proxy.signal(signal.SIGKILL)
        assert (
            await proxy.end() == -signal.SIGKILL
        )  # and stderr has ended: no process is left that could write to it
        assert not [each for each in proxy.events if each.get("event.name") in BUGS]
