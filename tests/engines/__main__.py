"""`python -m tests.engines [--kills N] [--table FILE] [ENGINE…]`: the corpus through real engines that ask the
decision listener, which is then killed N times under load."""

import argparse
import asyncio

from cors_proxy.engines.names import DIALECTS

from . import binary, caddy, envoy, haproxy, nginx, traefik
from .corpus import run
from .kill import kill
from .table import Row, update

ENGINES = {
    "nginx": nginx.setup,
    "haproxy": haproxy.setup,
    **envoy.SETUPS,
    "caddy": caddy.setup,
    "traefik": traefik.setup,
}


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("engines", nargs="*", choices=[*ENGINES, []])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--table", metavar="FILE", help="write what passes into the table there")
    args = parser.parse_args()
    wrong, rows = [], {}
    for name in args.engines or ENGINES:
        if not binary(name.partition("-")[0]):
            print(f"{name}: not installed")
            continue
        forwarded = DIALECTS[name] == "forwarded"
        for keys in (", headers: x-original", ", headers: x-forwarded") if forwarded else ("",):
            result = await run(name, ENGINES[name], keys)
            passed = result.number - len(result.failed)
            print(f"{name}{keys}: {passed} of {result.number} cases pass", flush=True)
            wrong += [f"{name}: {each}" for each in result.wrong]
            losses = {case: result.named.get(case, "not named") for case in result.failed}
            rows[name] = Row(passed, result.number, losses)
        if args.table:
            update(args.table, rows)
        wrong += await kill(name, ENGINES[name], args.kills)
    print("\n".join(wrong) or "nothing is wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
