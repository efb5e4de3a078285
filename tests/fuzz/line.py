"""One end of a connection: each piece leaves in a segment, and a TLS record, of its own."""

import asyncio
import contextlib
import random
import socket
import ssl
import struct
from collections.abc import Iterable
from typing import NamedTuple

GONE = (ConnectionError, ssl.SSLError)


class Pulse:
    """Counts all movement, so that the end of movement is seen."""

    def __init__(self) -> None:
        self.count = 0


class Piece(NamedTuple):
    """The bytes of one segment, and the turns of the loop after it."""

    data: bytes
    turns: int


def whole(data: bytes) -> list[Piece]:
    return [Piece(data, 1)]


def cut(dice: random.Random, data: bytes) -> list[Piece]:
    """Cuts anywhere: once, a few times, around line ends, or after every byte."""
    match dice.randrange(5):
        case 0 if len(data) < 1500:
            places: Iterable[int] = range(1, len(data))
        case 1:
            places = (at + dice.randrange(-2, 3) for at in _line_ends(data) if dice.random() < 0.5)
        case 2:
            places = (dice.randrange(len(data) + 1) for _ in range(dice.randrange(2, 12)))
        case _:
            places = (dice.randrange(len(data) + 1),)
    edges = [0, *sorted({at for at in places if 0 < at < len(data)}), len(data)]
    turns = dice.choice((1, 1, 2, 5))
    return [
        Piece(data[one:two], dice.randrange(1, turns + 1)) for one, two in zip(edges, edges[1:], strict=False)
    ]


def _line_ends(data: bytes) -> list[int]:
    return [at + 1 for at, byte in enumerate(data) if byte == 10]


class Line:
    """A socket without a transport, which would gather what is sent."""

    def __init__(
        self,
        sock: socket.socket,
        pulse: Pulse,
        context: ssl.SSLContext | None = None,
        name: str | None = None,
    ) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.pulse = sock, pulse
        self.tls: ssl.SSLObject | None = None
        if context is not None:
            self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
            server = context.protocol == ssl.PROTOCOL_TLS_SERVER
            self.tls = context.wrap_bio(self._in, self._out, server_side=server, server_hostname=name)

    @classmethod
    async def dial(
        cls, address: tuple[str, int], pulse: Pulse, context: ssl.SSLContext | None = None, room: int = 0
    ) -> "Line":
        """`room`: bytes of the kernel's receive buffer; 0 is the default."""
        sock = socket.socket()
        if room:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        line = cls(sock, pulse, context, "api.example" if context else None)
        await asyncio.get_running_loop().sock_connect(sock, address)
        await line.greet()
        return line

    async def greet(self) -> None:
        """The TLS handshake, if there is one."""
        while self.tls is not None:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._write(self._out.read())
                await self._fill()
                continue
            await self._write(self._out.read())
            return

    async def send(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            await self._write(self.sealed(piece.data))
            for _ in range(piece.turns):
                await asyncio.sleep(0)

    def spoken(self) -> bool:
        """Whether bytes, or the end, wait to be received."""
        try:
            self.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True

    def established(self) -> bool:
        """Whether neither side has ended it, by the kernel (TCP_INFO in tcp(7): byte 0 is the
        state)."""
        return self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) == b"\x01"

    async def push(self, data: bytes | memoryview) -> None:
        """Sends many bytes as the other side takes them, without a copy if there is no TLS."""
        if self.tls is None:
            await asyncio.get_running_loop().sock_sendall(self.sock, data)
            self.pulse.count += 1
            return
        for at in range(0, len(data), 16384):
            await self._write(self.sealed(data[at : at + 16384]))

    def sealed(self, data: bytes | memoryview) -> bytes:
        """The bytes of the wire."""
        if self.tls is None:
            return bytes(data)
        self.tls.write(data)
        return self._out.read()

    def send_now(self, raw: bytes) -> None:
        """Sends bytes of the wire at once, without a turn of the loop, if there is room."""
        self.sock.send(raw)

    async def receive(self) -> bytes:
        """The next bytes; `b""` is a clean end, by FIN and close_notify. Any other end raises."""
        while True:
            if self.tls is None:
                data = await asyncio.get_running_loop().sock_recv(self.sock, 65536)
                self.pulse.count += 1
                return data
            try:
                return self.tls.read(65536)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLWantReadError:
                await self._fill()

    def close(self, reset: bool = False) -> None:
        """Ends by FIN (with close_notify) or by RST. No `receive` may be running."""
        if reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self.tls is not None:
            # the other side's close_notify has not come yet
            with contextlib.suppress(ssl.SSLError):
                self.tls.unwrap()
            with contextlib.suppress(OSError):
                self.sock.send(self._out.read())
        self.sock.close()

    async def _fill(self) -> None:
        raw = await asyncio.get_running_loop().sock_recv(self.sock, 65536)
        self.pulse.count += 1
        if not raw:
            raise ConnectionResetError("an end without close_notify")
        self._in.write(raw)

    async def _write(self, raw: bytes) -> None:
        if raw:
            await asyncio.get_running_loop().sock_sendall(self.sock, raw)
            self.pulse.count += 1
