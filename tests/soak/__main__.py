"""`python -m tests.soak SECONDS [--workers 2]`: traffic, attacks and reloads.

The exit code is 1 if something grew, was left over, or failed.

The load is on two processes, one in plain text and one in TLS, each with upstreams of both kinds.
Others are told to drain with WebSockets open. Rates and the number of attackers are fixed, so that
a run means the same on any machine with two cores. verdict.py decides what is flat. Runs of five
minutes or more first measure the memory for a hundred attackers of each kind (two minutes)."""

import argparse
import asyncio
import contextlib
import sys
import time

from tests.fuzz.secure import secure
from tests.soak.drains import drains
from tests.soak.process import Held, Process, described
from tests.soak.siege import Siege
from tests.soak.told import Told
from tests.soak.traffic import Traffic
from tests.soak.upstream import Api
from tests.soak.verdict import COUNT, GAUGE, MEMORY, THREADS, Verdict, counted
from tests.soak.weigh import weigh_all

RATES = {False: 120.0, True: 50.0}  # steps a second, at most: in plain text, in TLS
HANDS = {False: 16, True: 8}
STRENGTH = {False: 2, True: 1}  # attackers of each kind
SETTLED = 60.0
RELOAD = 10.0
DRAIN = 15.0
SAMPLE = 2.0
IDLE = 60.0  # seconds until everything of a client must be gone
GAUGES = ("requests_in_flight", "connections")


class Bearer:
    """One process under load."""

    def __init__(self, process: Process, api: Api, told: Told, verdict: Verdict) -> None:
        tls = process.context is not None
        self.process, self._verdict = process, verdict
        self.traffic = Traffic(process.address, process.context, RATES[tls], HANDS[tls], told)
        self.siege = Siege(process.address, process.admin, process.context, api, told, STRENGTH[tls])
        self.baseline: dict[int, Held] = {}

    async def begin(self) -> None:
        self.baseline = self.process.held()
        await self.look(loaded=False)
        self._running = [asyncio.create_task(self.traffic.run()), asyncio.create_task(self.siege.run())]

    async def look(self, loaded: bool) -> None:
        name = self.process.name
        for number, held in enumerate(self.process.held().values()):
            title = f"{name}, process {number}"
            self._verdict.see(f"{title}: RSS, MiB", MEMORY, held.resident, loaded)
            self._verdict.see(f"{title}: descriptors", COUNT, held.descriptors, loaded)
            self._verdict.see(f"{title}: threads", THREADS, held.threads, loaded)
        for gauge in GAUGES:
            self._verdict.see(f"{name}: {gauge}", GAUGE, await self.process.metric(gauge), loaded)

    def finish(self) -> None:
        self.traffic.ending = True
        self.siege.finish()

    async def end(self) -> list[str]:
        """The faults of the process, after all of its clients have gone."""
        await asyncio.gather(*self._running)
        wrong = await self._leftovers()
        await self.look(loaded=False)
        if errors := await self.process.metric("internal_errors_total"):
            wrong.append(f"{errors:.0f} internal errors")
        if (reloads := await self.process.metric("config_reloads_total")) < self.process.reloads:
            wrong.append(f"{reloads:.0f} reloads of {self.process.reloads}")
        return [f"{self.process.name}: {what}" for what in wrong]

    async def _leftovers(self) -> list[str]:
        """What is left over after a while without requests."""
        until = time.monotonic() + IDLE
        while True:
            found = [
                f"{number:.0f} of {name}" for name in GAUGES if (number := await self.process.metric(name))
            ]
            held = self.process.held()
            if held.keys() != self.baseline.keys():
                return [f"processes {sorted(held)}, at first {sorted(self.baseline)}"]
            found += [
                f"process {pid}: {now.descriptors} descriptors, at first {self.baseline[pid].descriptors}: "
                f"{described(pid)}"
                for pid, now in held.items()
                if now.descriptors > self.baseline[pid].descriptors
            ]
            if not found or time.monotonic() > until:
                return found
            await asyncio.sleep(1)


async def soak(seconds: float, workers: int, say: bool = True) -> list[str]:
    """The faults under mixed load."""
    api, told, verdict, ending = Api(secure().behind), Told(), Verdict(), asyncio.Event()
    await api.start()
    async with contextlib.AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(Process(api, workers, tls)) for tls in (False, True)]
        bearers = [Bearer(process, api, told, verdict) for process in processes]
        for bearer in bearers:
            await bearer.begin()
        leaving = asyncio.create_task(drains(api, told, workers, ending, DRAIN))
        await _load(bearers, seconds, told, say)
        for bearer in bearers:
            bearer.finish()
        ending.set()
        await leaving
        wrong = [what for bearer in bearers for what in await bearer.end()]
    await api.stop()
    verdict.close()
    if say:
        print(verdict.table(), counted(told), sep="\n\n")
    wrong += [f"{count} x {what}" for what, count in told.unexpected.items()] + verdict.faults()
    return wrong + [
        f"{process.name}: {count} x {error}"
        for process in processes
        for error, count in process.errors.items()
    ]


async def _load(bearers: list[Bearer], seconds: float, told: Told, say: bool) -> None:
    started = time.monotonic()
    reloaded = spoken = 0.0
    while (now := time.monotonic() - started) < seconds:
        await asyncio.sleep(min(SAMPLE, seconds - now))
        now = time.monotonic() - started
        for bearer in bearers:
            if now >= min(SETTLED, seconds / 4):
                await bearer.look(loaded=True)
            if now - reloaded >= min(RELOAD, seconds / 2):
                bearer.process.reload()
        if now - reloaded >= min(RELOAD, seconds / 2):
            reloaded = now
        if say and now - spoken >= 60:
            spoken = now
            held = "; ".join(_shown(bearer.process) for bearer in bearers)
            print(
                f"{now:6.0f} s  {held}; {told.done.total()} steps, {told.unexpected.total()} unexpected",
                flush=True,
            )


def _shown(process: Process) -> str:
    held = process.held().values()
    resident, descriptors = sum(one.resident for one in held), sum(one.descriptors for one in held)
    return f"{process.name} {resident / (1 << 20):.1f} MiB, {descriptors} descriptors"


async def weighed() -> list[str]:
    api = Api(secure().behind)
    await api.start()
    try:
        return await weigh_all(api)
    finally:
        await api.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("seconds", type=float)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    problems = asyncio.run(weighed()) if options.seconds >= 300 else []
    problems += asyncio.run(soak(options.seconds, options.workers))
    print("\n" + ("\n".join(problems) or "flat, and every answer as expected"))
    sys.exit(1 if problems else 0)
