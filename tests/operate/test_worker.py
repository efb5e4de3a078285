"""One worker, with this test as its supervisor."""

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cors_proxy.operate.channel import Channel
from cors_proxy.operate.listeners import bind

from .serving import EVIL, api, ask, policy


@asynccontextmanager
async def worker(upstream: str) -> AsyncIterator[tuple[Process, Channel, int]]:
    ours, theirs = socket.socketpair()
    (listener,) = bind(policy(upstream).listen)
    port = listener.getsockname()[1]
    descriptors = [theirs.fileno(), listener.fileno()]
    command = [sys.executable, "-m", "cors_proxy.worker", *map(str, descriptors)]
    process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, pass_fds=descriptors)
    theirs.close()
    listener.close()
    channel = await Channel.open(ours)
    try:
        channel.send("policy", (0, policy(upstream)))
        assert await channel.receive() == ("ready", None)
        yield process, channel, port
        async with asyncio.timeout(20):
            assert await process.wait() == 0
    finally:
        channel.close()
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until(channel: Channel, kind: str) -> tuple[object, int]:
    """The value of the next message of that kind, and the requests counted before it."""
    counted = 0
    async with asyncio.timeout(20):
        while True:
            found, value = await channel.receive()
            if found == "counts":
                counted += sum(value[0].requests.values())
            if found == kind:
                return value, counted


async def test_it_does_what_it_is_told() -> None:
    async with api() as upstream, worker(upstream) as (_, channel, port):
        assert (await ask(port), await ask(port, EVIL)) == (200, 403)
        channel.send("counts", (1, None))
        assert await until(channel, "done") == ((1, ""), 2)
        channel.send("policy", (2, policy(upstream, EVIL)))
        assert (await until(channel, "done"))[0] == (2, "")
        assert await ask(port, EVIL) == 200
        channel.send("announce")
        assert await ask(port, EVIL) == 200
        channel.send("drain")
        # The last counts come before the end.
        counted = 0
        with pytest.raises(EOFError):
            while True:
                _, (counters, _) = await channel.receive()
                counted += sum(counters.requests.values())
        assert counted == 2


@pytest.mark.parametrize("how", ["signal", "channel"])
async def test_it_leaves_by_itself(how: str) -> None:
    async with api() as upstream, worker(upstream) as (process, channel, port):
        assert await ask(port) == 200
        for number in (signal.SIGINT, signal.SIGHUP):  # for its supervisor alone
            process.send_signal(number)
        assert await ask(port) == 200
        if how == "signal":
            process.terminate()
        else:
            channel.close()
