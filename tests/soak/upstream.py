"""The API behind the proxy, with and without TLS: the request's path says what it does.

A third port closes every connection at once."""

import asyncio
import contextlib
import socket
import ssl

from tests.proxy.test_tunnel import SWITCH
from tests.wire import Link, Seen, Upstream

PIECE = b"0123456789abcdef" * 1024
CHUNKS = 12
LAST = b"\x82\x7e\x04\x00" + PIECE[:1024] + b"\x88\x02\x03\xe8"  # a frame, and Close


class Api(Upstream):
    """`stuck` are the connections that it does not read from, by target; it keeps nothing else."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self.script = self.serve
        # released for each handshake that is not answered yet
        self.handshakes = asyncio.Semaphore(0)
        self.stuck: dict[str, socket.socket] = {}
        self._context = context
        self._more: list[asyncio.Server] = []

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        await super().start(host, port)
        self._more = [
            await asyncio.start_server(self._serve, host, 0, limit=1 << 22, ssl=self._context),
            await asyncio.start_server(_slam, host, 0),
        ]
        self.secure_port, self.slam_port = (server.sockets[0].getsockname()[1] for server in self._more)

    async def stop(self) -> None:
        for server in self._more:
            server.close()
        await super().stop()

    async def serve(self, link: Link, seen: Seen) -> None:
        self.requests.clear()
        self.links.clear()
        match seen.target.removeprefix("/secure").split("/")[1]:
            case "download":
                await link.send(
                    b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nTransfer-Encoding: chunked\r\n\r\n"
                )
                for _ in range(CHUNKS):
                    await link.send(b"%x\r\n%b\r\n" % (len(PIECE), PIECE))
                await link.send(b"0\r\n\r\n")
            case "large":
                await link.send(
                    b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (6 * len(PIECE)) + PIECE * 6
                )
            case "endless":
                await link.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                while not link.writer.is_closing():
                    await link.send(b"%x\r\n%b\r\n" % (len(PIECE), PIECE))
                    await asyncio.sleep(0.01)
            case "reset":
                link.reset()
            case "break":
                await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + PIECE)
                link.reset()
            case "socket":
                await link.send(SWITCH + b"\r\n")
                while data := await link.reader.read(65536):
                    await link.send(data)
                link.writer.close()
            case "endless-socket":
                await link.send(SWITCH + b"\r\n")
                link.transport.pause_reading()
                while established(link.writer.get_extra_info("socket")):
                    await link.send(PIECE)
            case "slow-socket":
                self.handshakes.release()
                await asyncio.sleep(0.3)
                await link.send(SWITCH + b"\r\n")
                await link.ended()
                link.writer.close()
            case "last":
                await link.send(SWITCH + b"\r\n")
                await link.send(LAST)
                link.writer.close()
            case "stuck":
                await link.send(SWITCH + b"\r\n")
                await self._stick(link, seen)
            case _:
                body = seen.body or seen.target.encode("latin-1")
                await link.send(
                    b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: %d\r\n\r\n%b"
                    % (len(body), body)
                )

    async def _stick(self, link: Link, seen: Seen) -> None:
        """Stops reading until the connection is gone; for `…/leave` ends it after a while."""
        link.transport.pause_reading()
        sock = self.stuck[seen.target] = link.writer.get_extra_info("socket")
        try:
            for turn in range(600):
                if not established(sock):
                    break
                if turn == 5 and seen.target.endswith("/leave"):
                    break
                await asyncio.sleep(0.1)
        finally:
            del self.stuck[seen.target]
            if not link.writer.is_closing():
                link.reset()


def established(sock: socket.socket) -> bool:
    """Whether neither side has ended it, by the kernel (TCP_INFO in tcp(7): byte 0 is the
    state)."""
    with contextlib.suppress(OSError):
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) == b"\x01"
    return False


async def _slam(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()
