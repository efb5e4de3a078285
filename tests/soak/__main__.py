"""`python -m tests.soak SECONDS [--workers 2]`: mixed traffic, a reload every ten seconds; exit code 1 where something grew or failed."""

import argparse
import asyncio
import sys
import time

from tests.soak.process import Held, Process
from tests.soak.traffic import Traffic
from tests.soak.upstream import Api

RATE = 300.0  # steps a second, at most
HANDS = 24
GROWTH = 8 << 20  # bytes of a process, after it has settled
SETTLED = 120.0
RELOAD = 10.0
IDLE = 60.0  # until everything that a client left has to be gone


async def soak(seconds: float, workers: int) -> list[str]:
    """What went wrong."""
    api = Api()
    await api.start()
    async with Process(api.port, workers) as process:
        baseline, settled = process.held(), dict[int, Held]()
        traffic = Traffic(process.address, RATE, HANDS)
        running = asyncio.create_task(traffic.run())
        started = time.monotonic()
        say(0, process, traffic)
        told = 0
        while (now := time.monotonic() - started) < seconds:
            await asyncio.sleep(min(RELOAD, seconds - now))
            process.reload()
            now = time.monotonic() - started
            if not settled and now >= min(SETTLED, seconds / 2):
                settled = process.held()
            if now // 60 > told or now >= seconds:
                told = int(now // 60)
                say(now, process, traffic)
        loaded = process.held()
        traffic.ending = True
        await running
        wrong = [f"{count} x {what}" for what, count in traffic.unexpected.items()]
        wrong += await leftovers(process, baseline)
        say(time.monotonic() - started, process, traffic)
        wrong += grown(settled, loaded)
        if errors := await process.metric("internal_errors_total"):
            wrong.append(f"{errors:.0f} internal errors")
        if (reloads := await process.metric("config_reloads_total")) < process.reloads:
            wrong.append(f"{reloads:.0f} reloads of {process.reloads}")
    await api.stop()
    return wrong + process.errors


async def leftovers(process: Process, baseline: dict[int, Held]) -> list[str]:
    """What is still there when nobody has asked for anything for a while."""
    until = time.monotonic() + IDLE
    while True:
        found = [f"{number:.0f} of {name}" for name in ("requests_in_flight", "connections") if (number := await process.metric(name))]
        held = process.held()
        if held.keys() != baseline.keys():
            return [f"processes {sorted(held)}, at first {sorted(baseline)}"]
        found += [
            f"process {pid}: {now.descriptors} descriptors, at first {baseline[pid].descriptors}"
            for pid, now in held.items()
            if now.descriptors > baseline[pid].descriptors
        ]
        if not found or time.monotonic() > until:
            return found
        await asyncio.sleep(1)


def grown(settled: dict[int, Held], loaded: dict[int, Held]) -> list[str]:
    growth = {pid: now.resident - settled[pid].resident for pid, now in loaded.items() if pid in settled}
    return [f"process {pid} grew by {number / (1 << 20):.1f} MiB" for pid, number in growth.items() if number >= GROWTH]


def say(now: float, process: Process, traffic: Traffic) -> None:
    for pid, held in process.held().items():
        unexpected = traffic.unexpected.total()
        print(
            f"{now:7.0f} s  process {pid}: {held.resident / (1 << 20):6.1f} MiB {held.descriptors:4} descriptors {held.threads:2} threads; "
            f" {traffic.done.total()} steps, {process.reloads} reloads, {process.lines} log lines, {unexpected} unexpected",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("seconds", type=float)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    problems = asyncio.run(soak(options.seconds, options.workers))
    print("\n".join(problems) or "flat, and every answer as expected")
    sys.exit(1 if problems else 0)
