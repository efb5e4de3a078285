"""`python -m tests.engines [--kills N] [--table FILE] [ENGINE…]`: the corpus through real engines that ask the
decision listener, which is then killed N times under load: alone, and as one of two."""

import argparse
import asyncio

from cors_proxy.engines.names import DIALECTS

from . import binary
from .corpus import run
from .failover import failover
from .kill import kill
from .setups import SETUPS
from .table import Row, update


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("engines", nargs="*", choices=[*SETUPS, []])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--table", metavar="FILE", help="write what passes into the table there")
    args = parser.parse_args()
    wrong, rows = [], {}
    for name in args.engines or SETUPS:
        if not binary(name.partition("-")[0]):
            print(f"{name}: not installed")
            continue
        forwarded = DIALECTS[name] == "forwarded"
        for keys in (", headers: x-original", ", headers: x-forwarded") if forwarded else ("",):
            result = await run(name, SETUPS[name], keys)
            passed = result.number - len(result.failed)
            print(f"{name}{keys}: {passed} of {result.number} cases pass", flush=True)
            wrong += [f"{name}: {each}" for each in result.wrong]
            losses = {case: result.named.get(case, "not named") for case in result.failed}
            rows[name] = Row(passed, result.number, losses)
        if args.table:
            update(args.table, rows)
        wrong += await kill(name, SETUPS[name], args.kills)
        wrong += await failover(name, SETUPS[name], args.kills)
    print("\n".join(wrong) or "nothing is wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
