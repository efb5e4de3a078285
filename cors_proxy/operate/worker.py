"""One worker process: an edge on inherited sockets that does what its supervisor says, and leaves when it is gone."""

import asyncio
import signal
import socket
import sys
from typing import Final

import uvloop

from ..policy.model import Policy
from . import lean  # noqa: F401  (before anything that imports aiohttp)
from .channel import Channel
from .crew import Alone
from .events import Events
from .page.glimpse import Glimpse
from .process import prepare
from .recorder import Recorder
from .stream import Stream

REPORT: Final = 1.0  # seconds between two reports of counts: what a killed worker takes with it


class Worker:
    """Answers the supervisor's messages until it is told to drain, gets a SIGTERM of its own, or the channel ends."""

    def __init__(self, channel: Channel, recorder: Recorder) -> None:
        self._channel = channel
        self._recorder = recorder
        self._crew = Alone(recorder)
        self._leave = asyncio.Event()
        self._delayed = True

    async def run(self, sockets: list[socket.socket]) -> None:
        _, (_, policy) = await self._channel.receive()
        self._recorder.configure(policy.server.access_log)
        await self._crew.start(policy, sockets)
        self._channel.send("ready")
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._leave.set)
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._report())]
        await self._leave.wait()
        self._crew.announce()
        if self._delayed:
            await asyncio.sleep(policy.server.drain_delay)
        await self._crew.drain()
        await self._crew.close()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        self._send_counts()
        await self._channel.flush()

    async def _listen(self) -> None:
        try:
            while True:
                kind, value = await self._channel.receive()
                if kind == "policy":
                    serial, policy = value
                    self._channel.send("done", (serial, await self._apply(policy)))
                elif kind == "counts":
                    self._send_counts()
                    self._channel.send("done", (value[0], ""))
                elif kind == "watch":
                    self._crew.watch(self._send_seen if value else None)
                elif kind == "announce":
                    self._crew.announce()
                elif kind == "drain":
                    self._delayed = False
                    self._leave.set()
        except EOFError:
            self._delayed = False
            self._leave.set()

    def _send_seen(self, glimpses: list[Glimpse], skipped: int) -> None:
        self._channel.send("seen", (glimpses, skipped))

    async def _apply(self, policy: Policy) -> str:
        """What went wrong."""
        try:
            await self._crew.apply(policy)
        except OSError as error:
            return str(error)
        return ""

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(REPORT)
            self._send_counts()

    def _send_counts(self) -> None:
        self._channel.send("counts", (self._recorder.take(), self._recorder.gauges))


async def _main(end: socket.socket, sockets: list[socket.socket], recorder: Recorder, events: Events) -> None:
    prepare(events)
    channel = await Channel.open(end)
    try:
        await Worker(channel, recorder).run(sockets)
    except EOFError:
        pass  # the supervisor left first
    finally:
        channel.close()


def main(descriptors: list[int]) -> None:
    """The channel's descriptor, then those of the listening sockets."""
    # A terminal sends SIGINT to everybody: the supervisor drains us.  It alone reads the policy again.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end, *sockets = (socket.socket(fileno=number) for number in descriptors)
    access, errors = Stream(1), Stream(2)
    events = Events(errors)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_main(end, sockets, Recorder(access, events, "off"), events))
    finally:
        access.close()
        errors.close()


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]])
