"""`python -m tests.change [PAIRS [REQUESTS]]`: random policies from new seeds, and random requests for
each; by default 1,000 pairs and 10 million requests.

Every pair checks `diff`, and the first policy of each tenth one `prove`.  Prints the seed of a
failure."""

import random
import sys

from tests.change import assertions, harness

pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
requests = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
first = random.randrange(1 << 32)
print(f"seeds from {first}")
differing = judged = held = broken = 0
for seed in range(first, first + pairs):
    found, compared = harness.run(seed, requests)
    differing, judged = differing + found, judged + compared.requests
    if seed % 10 == 0:
        holding, others = assertions.run(seed, requests)
        held, broken = held + holding, broken + others
print(
    f"{pairs} pairs, {pairs * requests} random requests: {differing} are treated differently, and all of these are"
    f" reported; {judged} requests stand for all. {held} assertions hold, and nothing contradicts them; {broken} do not"
)
