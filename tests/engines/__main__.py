"""`python -m tests.engines [--kills N] [ENGINE…]`: the corpus through real engines that ask the
decision listener, which is then killed N times under load."""

import argparse
import asyncio
import shutil

from . import haproxy, nginx
from .corpus import run
from .kill import kill

ENGINES = {"nginx": nginx.setup, "haproxy": haproxy.setup}


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("engines", nargs="*", choices=[*ENGINES, []])
    parser.add_argument("--kills", type=int, default=20)
    args = parser.parse_args()
    wrong = []
    for name in args.engines or ENGINES:
        if shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin") is None:
            wrong.append(f"{name} is not installed")
            continue
        for headers in ("x-original", "x-forwarded"):
            result = await run(name, ENGINES[name], headers)
            passed = result.number - len(result.failed)
            print(f"{name}, {headers}: {passed} of {result.number} cases pass")
            wrong += [f"{name}: {each}" for each in result.wrong]
        wrong += await kill(name, ENGINES[name], "x-original", args.kills)
    print("\n".join(wrong) or "nothing is wrong")
    return 1 if wrong else 0


raise SystemExit(asyncio.run(main()))
