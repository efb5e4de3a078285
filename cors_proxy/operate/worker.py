"""One worker process: an edge on inherited sockets that does what its supervisor says, and leaves when it is gone."""

import asyncio
import signal
import socket
from typing import Final, NoReturn

import uvloop

from ..policy.model import Policy
from . import (
    light_aiohttp,  # noqa: F401  (before anything that imports aiohttp)
    signals,
)
from .backend import SingleProcess
from .channel import Channel
from .events import Events
from .page.decision_event import DecisionEvent
from .process import prepare
from .recorder import Recorder
from .stream import Stream

REPORT: Final = 1.0  # seconds between two reports of counts: what a killed worker takes with it


class Worker:
    """Answers the supervisor's messages until it is told to drain, gets a SIGTERM of its own, or the channel ends."""

    def __init__(self, channel: Channel, recorder: Recorder) -> None:
        self._channel = channel
        self._recorder = recorder
        self._backend = SingleProcess(recorder)
        self._leave = asyncio.Event()
        self._delayed = True

    async def run(self, sockets: list[socket.socket]) -> None:
        _, (_, policy) = await self._channel.receive()
        self._recorder.configure(policy.server.access_log)
        await self._backend.start(policy, sockets)
        self._channel.send("ready")
        loop = asyncio.get_running_loop()
        signals.hand_over(lambda number: loop.call_soon_threadsafe(self._leave.set), signal.SIGTERM)
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._report())]
        await self._leave.wait()
        self._backend.announce()
        if self._delayed:
            await asyncio.sleep(self._backend.policy.server.drain_delay)
        await self._backend.drain()
        await self._backend.close()
        signals.ignore()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        self._send_counts()
        await self._channel.flush()

    async def _listen(self) -> None:
        try:
            while True:
                kind, value = await self._channel.receive()
                if kind == "prepare":
                    self._channel.send("done", (value[0], self._prepare(value[1])))
                elif kind == "commit":
                    self._backend.commit()
                    self._channel.send("done", (value[0], ""))
                elif kind == "abort":
                    self._backend.abort()
                elif kind == "policy":
                    if not (fault := self._prepare(value[1])):
                        self._backend.commit()
                    self._channel.send("done", (value[0], fault))
                elif kind == "counts":
                    self._send_counts()
                    self._channel.send("done", (value[0], ""))
                elif kind == "watch":
                    self._backend.watch(self._send_seen if value else None)
                elif kind == "announce":
                    self._backend.announce()
                elif kind == "drain":
                    self._delayed = False
                    self._leave.set()
        except EOFError:
            self._delayed = False
        finally:
            self._leave.set()

    def _send_seen(self, glimpses: list[DecisionEvent], skipped: int) -> None:
        self._channel.send("seen", (glimpses, skipped))

    def _prepare(self, policy: Policy) -> str:
        """What went wrong."""
        try:
            self._backend.prepare(policy)
        except OSError as error:
            return str(error)
        except Exception as error:  # a bug must not leave the supervisor without an answer
            self._recorder.failure(error)
            return f"a fault of the proxy itself: {type(error).__name__}"
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


def work(descriptors: list[int]) -> NoReturn:
    """The channel's descriptor, then those of the listening sockets."""
    end, *sockets = (socket.socket(fileno=number) for number in descriptors)
    access, errors = Stream(1), Stream(2)
    events = Events(errors)
    code = 0
    try:
        asyncio.Runner(loop_factory=uvloop.new_event_loop).run(
            _main(end, sockets, Recorder(access, events, "off"), events)
        )
    except OSError as error:
        events.error("worker-start", f"cannot serve: {error}")
        code = 1
    except Exception as error:
        events.failure(error)
        code = 1
    access.close()
    errors.close()
    signals.leave(code)
