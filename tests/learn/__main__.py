"""`python -m tests.learn [SEEDS [REQUESTS]]`: each of the 20 APIs, with traffic from new seeds; by
default 5 seeds with 3,000 requests each.

Prints what was granted and refused, by requests and by `diff`.
"""

import random
import sys

from .apis import APIS
from .judging import all_granted, beyond, judged

seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
requests = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
first = random.randrange(1 << 32)
print(f"seeds from {first}")
failed = False
for api in APIS:
    good = refused = granted = wrong = hostile = more = parts = cases = 0
    for seed in range(first, first + seeds):
        found = judged(api, requests, seed)
        good, refused = good + len(found.good), refused + len(found.refused)
        granted, wrong = granted + len(found.granted), wrong + len(found.wrong)
        parts, cases = parts + len(all_granted(found.text)), cases + len(found.cases)
        hostile, more = hostile + len(found.hostile), more + len(beyond(api, found.text))
    failed |= bool(
        (refused and api.style != "reflects") or 20 * wrong > granted or 20 * more > parts or hostile or cases
    )
    print(
        f"{api.name}: {refused} of {good} good requests refused, {wrong} of {granted} grants wrong,"
        f" {hostile} hostile; diff: {more} of {parts} grants beyond the true policy;"
        f" {cases} of its tests fail with the true policy"
    )
sys.exit(failed)
