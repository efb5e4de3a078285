"""`python -m tests.change [PAIRS [REQUESTS [SEED]]]`: random policies, and random requests for
each; by default 1,000 pairs and 10 million requests, from a new seed.

Every pair checks `diff`, and the first policy of each tenth one `prove`.  Prints each failure and
its seed, which `python -m tests.change 1 REQUESTS SEED` repeats, and goes on."""

import random
import sys
import traceback
from collections.abc import Sequence

from tests.change import assertions, harness


def main(arguments: Sequence[str]) -> int:
    pairs, requests, first = [int(each) for each in arguments] + [1000, 10_000, random.randrange(1 << 32)][
        len(arguments) :
    ]
    print(f"seeds from {first}", flush=True)
    differing = judged = held = broken = 0
    failed: dict[int, None] = {}
    for number, seed in enumerate(range(first, first + pairs), 1):
        try:
            found, compared = harness.run(seed, requests)
            differing, judged = differing + found, judged + compared.requests
        except AssertionError as error:
            failed[seed] = print(str(error) or f"seed {seed}: {traceback.format_exc()}", flush=True)
        if seed % 10 == 0 or pairs == 1:
            try:
                holding, others = assertions.run(seed, requests)
                held, broken = held + holding, broken + others
            except AssertionError as error:
                failed[seed] = print(str(error) or f"seed {seed}: {traceback.format_exc()}", flush=True)
        if number % 100 == 0:
            print(f"{number} pairs, {len(failed)} failed", flush=True)
    if failed:
        print(f"failed: {' '.join(map(str, failed))}")
        return 1
    print(
        f"{pairs} pairs, {pairs * requests} random requests: {differing} are treated differently, and all of these"
        f" are reported; {judged} requests stand for all. {held} assertions hold, and nothing contradicts them;"
        f" {broken} do not"
    )
    return 0


sys.exit(main(sys.argv[1:]))
