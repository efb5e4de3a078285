"""`python -m tests.keepalive [COUNT] [--keep-alive 15s]`: so many spaced POSTs to each server through
the real proxy, with 300 ms on the way.  Fails if one gets another answer than the server's.

`--keep-alive` sets `timeouts.upstream_keep_alive`, to see what other times would cost."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.keepalive.delay import delayed
from tests.keepalive.posts import round_of_posts
from tests.keepalive.servers import SERVERS, Server, running
from tests.processes import SERVING, process

ROUND = 25  # POSTs


async def posts(server: Server, count: int, keep_alive: str, way: float) -> Counter[int]:
    found: Counter[int] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        async with running(server) as port, delayed(port, way) as near:
            policy = Path(folder, "policy.yaml")
            timeouts = f"timeouts: {{upstream_keep_alive: {keep_alive}}}" if keep_alive else ""
            policy.write_text(
                f"version: 1\nlisten: 127.0.0.1:0\nadmin: 127.0.0.1:0\nupstream: http://127.0.0.1:{near}\n"
                f"cors: {{origins: [https://app.example]}}\nserver: {{{timeouts}}}\n"
            )
            command = [sys.executable, "-m", "cors_proxy", "run", "-c", str(policy)]
            with process(command, SERVING, Path(folder, "events")) as ready:
                while found.total() < count:
                    found += await round_of_posts(int(ready[1]), server.keeps, ROUND)
    return found


async def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.keepalive")
    parser.add_argument("count", nargs="?", type=int, default=500)
    parser.add_argument("--keep-alive", default="")
    parser.add_argument("--way", type=float, default=0.3, help="seconds, in each direction")
    options = parser.parse_args()
    servers = [server for server in SERVERS if shutil.which(server.command[0])]
    found = await asyncio.gather(
        *[posts(server, options.count, options.keep_alive, options.way) for server in servers]
    )
    for server, statuses in zip(servers, found, strict=True):
        print(f"{server.name} ({server.keeps:g} s): {dict(statuses)}")
    return int(any(set(statuses) != {200} for statuses in found))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
