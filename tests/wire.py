"""Raw HTTP/1.1 on real sockets: a client that sends exact bytes, an upstream that follows a
script."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast


def duplex(writer: asyncio.StreamWriter) -> asyncio.Transport:
    """The transport of a stream, which can also pause reading; its type does not say so."""
    return cast(asyncio.Transport, writer.transport)


Script = Callable[["Link", "Seen"], Awaitable[None]]


@dataclass
class Head:
    """A message as it was on the wire; `body` is without its framing."""

    first: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    complete: bool = False
    interim: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value for own, value in self.lines if own.lower() == name.lower()]

    @property
    def status(self) -> int:
        return int(self.first.split(" ")[1]) if self.first else 0


class Seen(Head):
    """A request as the upstream saw it."""

    @property
    def target(self) -> str:
        return self.first.split(" ")[1]


class Wire:
    """Reads messages from a stream, exact to the byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.transport = duplex(writer)

    async def head(self, into: Head) -> None:
        text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        into.first, *rest = text[:-4].split("\r\n")
        into.lines = [(name, value) for name, _, value in (line.partition(": ") for line in rest)]

    async def body(self, message: Head, until_close: bool) -> None:
        if message.all("transfer-encoding"):
            while size := int((await self.reader.readuntil(b"\r\n")).strip(), 16):
                message.body += await self.reader.readexactly(size)
                assert await self.reader.readexactly(2) == b"\r\n"
            assert await self.reader.readexactly(2) == b"\r\n"
        elif message.all("content-length"):
            left = int(message.all("content-length")[0])
            while left:
                data = await self.reader.read(left)
                if not data:
                    raise asyncio.IncompleteReadError(message.body, left)
                message.body += data
                left -= len(data)
        elif until_close:
            message.body = await self.reader.read()
        message.complete = True

    def reset(self) -> None:
        """Ends the connection by RST."""
        self.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.transport.abort()


class Client(Wire):
    """One connection to the proxy."""

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, method: str = "GET", seconds: float = 10) -> Head:
        """The next answer: incomplete if it broke off, without a status if none came."""
        answer = Head()
        async with asyncio.timeout(seconds):
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                await self.head(answer)
                while 100 <= answer.status < 200 and answer.status != 101:
                    answer.interim.append(answer.first)
                    await self.head(answer)
                if method == "HEAD" or answer.status in (101, 204, 304):
                    answer.complete = True
                else:
                    await self.body(answer, until_close=True)
        return answer

    async def end(self, seconds: float = 10) -> str:
        """How the proxy ends the connection, FIN or RST; drops what still comes."""
        async with asyncio.timeout(seconds):
            try:
                while await self.reader.read(65536):
                    pass
            except ConnectionError:
                return "RST"
        return "FIN"

    def close(self) -> None:
        self.writer.close()


class Link(Wire):
    """One connection that the proxy made to the upstream."""

    async def send(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def ended(self) -> None:
        """Waits until the proxy ends the connection."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass


async def echo_target(link: Link, seen: Seen) -> None:
    """Answers 200 with the request's target as the body, so that a mix-up is seen."""
    body = seen.target.encode("latin-1")
    await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


class Upstream:
    """Records every request and answers it by `script`.

    With `read_body = False` the script reads the body."""

    def __init__(self) -> None:
        self.requests: list[Seen] = []
        self.links: list[Link] = []
        self.received = b""
        self.script: Script = echo_target
        self.greeting: Callable[[Link], Awaitable[None]] | None = None
        self.read_body = True
        self.arrived = asyncio.Event()
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, host, port, limit=1 << 22)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def die(self) -> None:
        """Takes no connection any more, and resets those that are open."""
        assert self._server is not None
        self._server.close()
        for link in self.links:
            if not link.transport.is_closing():
                link.reset()

    async def request(self, count: int = 1, seconds: float = 10) -> Seen:
        """Waits for the request with the number `count`."""
        async with asyncio.timeout(seconds):
            while len(self.requests) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return self.requests[count - 1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        link = Link(reader, writer)
        self.links.append(link)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            if self.greeting is not None:
                await self.greeting(link)
            while True:
                seen = Seen()
                await link.head(seen)
                self.requests.append(seen)
                self.arrived.set()
                if self.read_body:
                    await link.body(seen, until_close=False)
                await self.script(link, seen)
        writer.close()


Replicas = Callable[[int], Awaitable[list[Upstream]]]


@contextlib.asynccontextmanager
async def at_one_port(script: Script = echo_target) -> AsyncIterator[Replicas]:
    """Starts so many more servers at 127.0.0.11, 127.0.0.12, … with one port; returns all of them."""
    running: list[Upstream] = []

    async def begin(count: int) -> list[Upstream]:
        for number in range(len(running), len(running) + count):
            replica = Upstream()
            replica.script = script
            await replica.start(f"127.0.0.{11 + number}", running[0].port if running else 0)
            running.append(replica)
        return running

    try:
        yield begin
    finally:
        for replica in running:
            await replica.stop()


@contextlib.asynccontextmanager
async def plain_port() -> AsyncIterator[int]:
    """The port of a server without TLS, which says so at once."""
    server = Upstream()
    await server.start()

    async def greet(link: Link) -> None:
        await link.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server.greeting = greet
    try:
        yield server.port
    finally:
        await server.stop()
