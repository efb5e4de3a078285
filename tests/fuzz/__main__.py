"""`python -m tests.fuzz SECONDS`: rounds from new seeds, a third in TLS, until the time is over; the seed of a failure is printed."""

import asyncio
import random
import sys
import time

import uvloop

from tests.fuzz.harness import fuzz

until, rounds = time.monotonic() + float(sys.argv[1]), {False: 0, True: 0}
with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    while time.monotonic() < until:
        seed, tls = random.randrange(1 << 32), random.random() < 1 / 3
        try:
            runner.run(fuzz(seed, 300, tls))
        except BaseException:
            print(f"seed {seed}{', TLS' if tls else ''}", file=sys.stderr)
            raise
        rounds[tls] += 300
print(f"{rounds[False]} rounds and {rounds[True]} in TLS, nothing found")
