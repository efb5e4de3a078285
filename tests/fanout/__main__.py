"""`python -m tests.fanout [NAME…]`: prints the table of docs/threat-model.md.

The exit code is 1 if a server read something else; the bytes are printed."""

import asyncio
import sys

import uvloop

from tests.fanout.capture import Stream, capture_all
from tests.fanout.corpus import CASES
from tests.fanout.replay import Server, replay, running, said, servers


async def compare(server: Server, streams: list[Stream]) -> tuple[list[str], list[str]]:
    """The targets that a server refuses with a 4xx, as it may, and the streams that it read
    differently."""
    refused, wrong = [], []
    async with running(server) as port:
        for stream in streams:
            reads, others = await replay(port, stream)
            meant = [said(read) for read in stream.reads]
            if reads == meant and not (others and stream.whole):
                continue
            if (
                reads == meant[: len(reads)]
                and len(reads) < len(meant)
                and len(others) == 1
                and others[0][:10] == "HTTP/1.1 4"
            ):
                refused.append(repr(stream.parts[len(reads)].split(b"X-Forwarded-For:")[0])[2:-1])
            else:
                wrong.append(
                    f"{server.name}, {stream.group}: read {reads}, answered {others}\n    "
                    f"{stream.parts!r:.2000}"
                )
    return refused, wrong


async def main() -> int:
    streams = await capture_all(CASES)
    requests = sum(len(stream.reads) for stream in streams)
    broken = sum(not stream.whole for stream in streams)
    print(
        f"{len(CASES)} cases: {requests} requests on {len(streams)} connections, {broken} of them"
        " broken off within a request.\n"
    )
    print(
        "| server | version | parser | connections compared | refused by it | disagreements |\n"
        "| --- | --- | --- | --- | --- | --- |"
    )
    notes, failed = [], False
    for server in servers():
        if sys.argv[1:] and server.name not in sys.argv[1:]:
            continue
        if server.command is None:
            print(f"| {server.name} | not on this machine | | | | |")
            continue
        refused, wrong = await compare(server, streams)
        print(
            f"| {server.name} | {server.version} | {server.parser} | {len(streams)} | {len(refused)} | "
            f"{len(wrong)} |",
            flush=True,
        )
        notes += [f"{server.name} refuses {head}" for head in refused] + wrong
        failed = failed or bool(wrong)
    print("\n".join(["", *notes]), file=sys.stderr)
    return 1 if failed else 0


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    sys.exit(runner.run(main()))
