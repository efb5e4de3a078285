"""`python -m tests.fuzz SECONDS`: rounds from new seeds until the time is over, a third of them in
TLS.

Prints the seed of a failure."""

import asyncio
import random
import sys
import time

import uvloop

from tests.fuzz.harness import fuzz
from tests.fuzz.stopping import stop

ROUNDS = 300  # to a client that stops reading

until, rounds = time.monotonic() + float(sys.argv[1]), {False: 0, True: 0}
with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    while time.monotonic() < until:
        seed, tls = random.randrange(1 << 32), random.random() < 1 / 3
        try:
            runner.run(fuzz(seed, ROUNDS, tls))
            runner.run(stop(seed, tls))
        except BaseException:
            print(f"seed {seed}{', TLS' if tls else ''}", file=sys.stderr)
            raise
        rounds[tls] += ROUNDS
stops = sum(rounds.values()) // ROUNDS
print(
    f"{rounds[False]} rounds and {rounds[True]} in TLS, {stops} clients that stopped reading: nothing found"
)
