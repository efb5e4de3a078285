"""`python -m tests.fanout`: the table of docs/threat-model.md; each disagreement with the bytes that it is about, and exit code 1."""

import asyncio
import sys

import uvloop

from tests.fanout.capture import Stream, capture_all
from tests.fanout.corpus import CASES
from tests.fanout.replay import Server, replay, running, said, servers


async def compare(server: Server, streams: list[Stream]) -> list[str]:
    """Each stream that the server reads as something else."""
    wrong = []
    async with running(server) as port:
        for stream in streams:
            reads, others = await replay(port, stream)
            if reads != [said(read) for read in stream.reads] or (stream.whole and others):
                wrong.append(f"{server.name}, {stream.group}: read {reads}, answered {others}\n    {stream.parts!r:.2000}")
    return wrong


async def main() -> int:
    streams = await capture_all(CASES)
    requests = sum(len(stream.reads) for stream in streams)
    broken = sum(not stream.whole for stream in streams)
    print(f"{len(CASES)} cases: {requests} requests on {len(streams)} connections, {broken} of them broken off in a request.\n")
    print("| server | version | parser | requests | disagreements |\n| --- | --- | --- | --- | --- |")
    found: list[str] = []
    for server in servers():
        if server.command is None:
            print(f"| {server.name} | not on this machine | | | |")
            continue
        wrong = await compare(server, streams)
        found += wrong
        print(f"| {server.name} | {server.version} | {server.parser} | {requests} | {len(wrong)} |", flush=True)
    print("\n".join(["", *found]) if found else "", file=sys.stderr)
    return 1 if found else 0


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    sys.exit(runner.run(main()))
