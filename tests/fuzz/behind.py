"""The upstream: keeps every byte that it gets, and answers each whole request once, in given
pieces."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable

from tests.fuzz.line import GONE, Line, Piece, Pulse, whole
from tests.fuzz.reading import Meant, read_requests

BIG = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000
MEBIBYTE = b"x" * (1 << 20)
SWITCH = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


class Link:
    """One connection of the proxy, and the bytes that came since the last `take`."""

    def __init__(self, line: Line) -> None:
        self.line, self.data, self.answered = line, b"", 0
        self.busy = False  # a response that has no end by itself
        self.owed = b""  # bytes of the wire: the rest of an unasked response


class Behind:
    """`answer` says what a request gets; None is an echo of its target."""

    def __init__(self, pulse: Pulse, context: ssl.SSLContext | None = None) -> None:
        self._pulse, self._context = pulse, context
        self.links: dict[Link, asyncio.Task[None]] = {}
        self._ended: list[bytes] = []
        self.whole: list[Meant] = []  # requests, in the order in which they became whole
        self.answer: Callable[[Meant], list[Piece] | None] = lambda meant: None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Returns its port."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        # With large kernel buffers the proxy's own backpressure would never be needed.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self._listener.setblocking(False)
        self._spawn(self._accept())
        port: int = self._listener.getsockname()[1]
        return port

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._listener.close()

    def take(self) -> tuple[list[Meant], list[bytes]]:
        """The whole requests since the last call, and all bytes by connection."""
        found = self.whole, [data for data in (*self._ended, *(link.data for link in self.links)) if data]
        self.whole, self._ended = [], []
        for link in self.links:
            link.data, link.answered = b"", 0
        return found

    def speak(self, data: bytes, size: int) -> None:
        """Sends a response unasked on idle connections.

        First so many bytes of the wire, the rest when a request has come."""
        for link in self.links:
            if not link.owed and not link.busy:
                raw = link.line.sealed(data)
                link.owed = raw[size:]
                with contextlib.suppress(OSError):
                    link.line.send_now(raw[:size])

    def drop(self) -> None:
        """Ends all connections."""
        for task in self.links.values():
            task.cancel()

    def _spawn(self, work) -> None:  # type: ignore[no-untyped-def]
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self) -> None:
        while True:
            sock, _ = await asyncio.get_running_loop().sock_accept(self._listener)
            self._pulse.count += 1
            self._spawn(self._serve(sock))

    async def _serve(self, sock: socket.socket) -> None:
        link = Link(Line(sock, self._pulse, self._context))
        task = asyncio.current_task()
        assert task is not None
        self.links[link] = task
        try:
            await link.line.greet()
            while data := await link.line.receive():
                link.data += data
                if link.owed:
                    owed, link.owed = link.owed, b""
                    link.line.send_now(owed)
                if not await self._answer(link):
                    break
        except GONE:
            pass
        finally:
            del self.links[link]
            self._ended.append(link.data)
            link.line.close()

    async def _answer(self, link: Link) -> bool:
        """Answers a request; False if the connection ends here."""
        if link.data.startswith(b"POST /stop/deaf"):
            link.busy = True
            while link.line.established():
                await asyncio.sleep(0.01)
            return False
        found, _ = read_requests(link.data)
        for meant in found[link.answered :]:
            if not meant.complete:
                break
            link.answered += 1
            if meant.target.startswith(b"/stop/"):
                # There are many of these, so that finished ones are not kept.
                link.data, link.answered = b"", 0
                await self._much(link, meant.target)
                continue
            self.whole.append(meant)
            pieces = self.answer(meant)
            if pieces is None:
                pieces = whole(
                    b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(meant.target), meant.target)
                )
            sent = b"".join(piece.data for piece in pieces)
            for piece in pieces:
                # The proxy saw the end of the answer, and sends the next request: from here on an
                # unasked answer cannot be told from a real one.
                if b" 101 " not in sent and link.line.spoken():
                    break
                await link.line.send([piece])
            if b"\r\n\r\n" not in sent or b"HTTP/1.0" in sent:
                return False
        return True

    async def _much(self, link: Link, target: bytes) -> None:
        match target:
            case b"/stop/big":
                await link.line.push(memoryview(BIG))
                return
            case b"/stop/huge":
                await link.line.push(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (1 << 40))
            case b"/stop/socket":
                await link.line.push(SWITCH)
            case _:
                await link.line.push(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                return
        link.busy = True
        while True:
            await link.line.push(memoryview(MEBIBYTE))
