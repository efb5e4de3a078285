"""`python -m tests.fuzz SECONDS`: rounds from new seeds until the time is over; the seed of a failure is printed."""

import asyncio
import random
import sys
import time

import uvloop

from tests.fuzz.harness import fuzz

until, rounds = time.monotonic() + float(sys.argv[1]), 0
with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    while time.monotonic() < until:
        seed = random.randrange(1 << 32)
        try:
            runner.run(fuzz(seed, 500))
        except BaseException:
            print(f"seed {seed}", file=sys.stderr)
            raise
        rounds += 500
print(f"{rounds} rounds, nothing found")
