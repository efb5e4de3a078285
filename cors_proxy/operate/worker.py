"""One worker process: serves on inherited sockets, and obeys its supervisor's messages.

The messages are listed in `worker_pool`.
"""

import asyncio
import os
import signal
import socket
import sys
from typing import Final, NoReturn

from ..colour import terminal_style, wants_colour
from ..cors.spec import OriginFeed
from ..learn.seen import Seen
from ..policy.feed_list import unpack
from ..policy.model import Policy
from . import (
    light_aiohttp,  # noqa: F401  (before other imports of aiohttp)
    signals,
)
from .backend import SingleProcess
from .channel import Channel
from .events import Events
from .loop import new_event_loop
from .page.decision_event import DecisionEvent
from .pieces import in_pieces
from .process import ASK, resident_memory, set_up_process
from .recorder import Recorder
from .refusals import as_events
from .stream import Stream

REPORT_INTERVAL: Final = 1.0  # seconds; a killed worker loses the counts since its last report


class Worker:
    """Runs until the message `drain`, a SIGTERM to this process, or the end of the channel."""

    def __init__(self, channel: Channel, recorder: Recorder) -> None:
        self._channel = channel
        self._recorder = recorder
        self._backend = SingleProcess(recorder, self._send_seen)
        self._stopping = asyncio.Event()
        self._wait_before_drain = True  # `drain.delay`: the supervisor waits itself before `drain`

    async def run(self, sockets: list[socket.socket], asks: list[socket.socket]) -> None:
        kind, (_, policy) = await self._channel.receive()
        while kind == "list":  # of the feeds of the policy, which comes after them
            await self._take_list(*policy)
            kind, (_, policy) = await self._channel.receive()
        self._recorder.configure(policy.server.access_log)
        await self._backend.start(policy, sockets, asks)
        self._channel.send("ready")
        loop = asyncio.get_running_loop()
        signals.forward_to(lambda number: loop.call_soon_threadsafe(self._stopping.set), signal.SIGTERM)
        tasks = [asyncio.create_task(self._handle_messages()), asyncio.create_task(self._report_counts())]
        await self._stopping.wait()
        self._backend.announce()
        if self._wait_before_drain:
            await asyncio.sleep(self._backend.policy.server.drain_delay)
        await self._backend.drain()
        await self._backend.close()
        signals.ignore()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        self._send_counts()
        await self._channel.flush()

    async def _handle_messages(self) -> None:
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
                    if not (error := self._prepare(value[1])):
                        self._backend.commit()
                    self._channel.send("done", (value[0], error))
                elif kind == "list":
                    await self._take_list(*value[1])
                    self._channel.send("done", (value[0], ""))
                elif kind == "counts":
                    self._send_counts()
                    self._channel.send("done", (value[0], ""))
                elif kind == "subscribe":
                    self._backend.subscribe(self._send_decisions if value else None)
                elif kind == "announce":
                    self._backend.announce()
                elif kind == "drain":
                    self._wait_before_drain = False
                    self._stopping.set()
        except EOFError:
            self._wait_before_drain = False
        finally:
            self._stopping.set()

    async def _take_list(self, feed: OriginFeed, packed: bytes) -> None:
        await self._backend.put_list(feed, await in_pieces(unpack(packed)))

    def _send_decisions(self, batch: list[DecisionEvent], skipped: int) -> None:
        self._channel.send("decisions", (batch, skipped))

    def _send_seen(self, seen: list[Seen], beyond: int) -> None:
        self._channel.send("seen", (seen, beyond))

    def _prepare(self, policy: Policy) -> str:
        """Returns the error, "" if there is none."""
        try:
            self._backend.prepare(policy)
        except OSError as error:
            return str(error)
        except Exception as error:  # the supervisor waits for an answer, even after a bug
            self._recorder.failure(error)
            return f"a bug in the proxy: {type(error).__name__}"
        return ""

    async def _report_counts(self) -> None:
        while True:
            await asyncio.sleep(REPORT_INTERVAL)
            self._send_counts()

    def _send_counts(self) -> None:
        self._recorder.gauges.memory = resident_memory()
        self._backend.collect_addresses()
        self._channel.send("counts", (self._recorder.take_counters(), self._recorder.gauges))
        if refusals := as_events(self._recorder.take_refusals()):
            self._channel.send("refusals", refusals)
        self._backend.report_seen()


async def _main(
    channel_socket: socket.socket,
    sockets: list[socket.socket],
    asks: list[socket.socket],
    recorder: Recorder,
    events: Events,
) -> None:
    set_up_process(events)
    channel = await Channel.open(channel_socket)
    try:
        await Worker(channel, recorder).run(sockets, asks)
    except EOFError:
        pass  # the supervisor has ended
    finally:
        channel.close()


def run_worker(descriptors: list[str]) -> NoReturn:
    """Serve, then exit.  The first descriptor is the channel, the others are listening sockets; those
    for asks begin with `ASK`."""
    channel_socket, *sockets = (
        socket.socket(fileno=int(number)) for number in descriptors if not number.startswith(ASK)
    )
    asks = [
        socket.socket(fileno=int(number.removeprefix(ASK)))
        for number in descriptors
        if number.startswith(ASK)
    ]
    access, errors = Stream(1), Stream(2)
    events = Events(errors, terminal_style(sys.stderr, os.environ))
    coloured = wants_colour(sys.stdout, os.environ)
    code = 0
    try:
        asyncio.Runner(loop_factory=new_event_loop).run(
            _main(channel_socket, sockets, asks, Recorder(access, events, "off", coloured), events)
        )
    except OSError as error:
        events.error("worker-start", f"cannot serve: {error}")
        code = 1
    except Exception as error:
        events.failure(error)
        code = 1
    access.close()
    errors.close()
    signals.exit_process(code)
