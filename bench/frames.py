"""WebSocket frames of 1 KiB that come back: one a second on each connection, or as many as pass."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import Callable, Iterator

from bench.echo import ANSWER, SENT
from bench.process import BenchError
from bench.works import Work
from bench.wrk import Counted

WINDOW = 64  # frames in flight on each connection, in bulk
TICK = 0.01  # seconds between two writes of the paced frames
LATE = 10.0  # seconds for the last frames to come back


class Client(asyncio.Protocol):
    """One connection. `owed` are frames that have not come back yet."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.status: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.rest = b""
        self.opened = False
        self.received = self.owed = 0
        self.refill = False
        self.sent_at = 0.0
        self.taken: list[float] = []
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        if not self.status.done():
            self.status.set_result(b"no response")

    def data_received(self, data: bytes) -> None:
        self.rest += data
        if not self.opened:
            head, found, rest = self.rest.partition(b"\r\n\r\n")
            if found and not self.status.done():
                self.status.set_result(head.split(b"\r\n", 1)[0])
                self.opened, self.rest = True, rest
            return
        frames = len(self.rest) // len(ANSWER)
        if not frames:
            return
        self.rest = self.rest[frames * len(ANSWER) :]
        self.received += frames
        self.owed -= frames
        if self.refill:
            self.send(frames)
        else:
            self.taken.append(time.monotonic() - self.sent_at)

    def send(self, frames: int) -> None:
        self.sent_at = time.monotonic()
        self.owed += frames
        self.transport.write(SENT * frames)


@contextlib.contextmanager
def opened(port: int, work: Work) -> Iterator[Callable[[float], Counted]]:
    """Opens the work's connections; what it yields sends frames for that many seconds."""
    with asyncio.Runner() as runner:
        clients = runner.run(_connect(port, work))
        try:
            yield lambda seconds: runner.run(_drive(clients, work.bulk, seconds))
        finally:
            for client in clients:
                client.transport.abort()


async def _connect(port: int, work: Work) -> list[Client]:
    loop = asyncio.get_running_loop()
    clients = []
    for _ in range(work.connections):
        _, client = await loop.create_connection(Client, "127.0.0.1", port)
        client.transport.write(work.requests[0])
        status = await client.status
        if not status.startswith(b"HTTP/1.1 101"):
            raise BenchError(f"{work.title}: {status!r}")
        clients.append(client)
    return clients


async def _drive(clients: list[Client], bulk: bool, seconds: float) -> Counted:
    for client in clients:
        client.received, client.taken, client.refill = 0, [], bulk
    began = time.monotonic()
    if bulk:
        for client in clients:
            client.send(WINDOW)
        await asyncio.sleep(seconds)
        for client in clients:
            client.refill = False
    else:
        await _pace(clients, seconds)
    while any(client.owed and not client.lost for client in clients):
        if time.monotonic() - began > seconds + LATE:
            break
        await asyncio.sleep(TICK)
    took = time.monotonic() - began
    errors = sum(bool(client.owed) for client in clients)
    taken = [] if bulk else sorted(each for client in clients for each in client.taken)
    p50 = statistics.median(taken) if taken else 0.0
    p99 = taken[len(taken) * 99 // 100] if taken else 0.0
    return Counted(sum(client.received for client in clients), took, errors, 0, p50, p99)


async def _pace(clients: list[Client], seconds: float) -> None:
    """One frame a second on each connection, evenly over each second."""
    began, sent = time.monotonic(), 0
    while (now := time.monotonic() - began) < seconds:
        due = int(min(now, seconds) * len(clients))
        for number in range(sent, due):
            client = clients[number % len(clients)]
            if not client.owed:
                client.send(1)
        sent = due
        await asyncio.sleep(TICK)
