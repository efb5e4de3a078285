"""The API behind the proxy: what it does stands in the request's path."""

import asyncio

from tests.proxy.test_tunnel import SWITCH
from tests.wire import Link, Seen, Upstream

PIECE = b"0123456789abcdef" * 1024
CHUNKS = 12


class Api(Upstream):
    """Keeps nothing of what it has answered."""

    def __init__(self) -> None:
        super().__init__()
        self.script = self.serve

    async def serve(self, link: Link, seen: Seen) -> None:
        self.requests.clear()
        self.links.clear()
        match seen.target.split("/")[1]:
            case "download":
                await link.send(b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in range(CHUNKS):
                    await link.send(b"%x\r\n%b\r\n" % (len(PIECE), PIECE))
                await link.send(b"0\r\n\r\n")
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
            case _:
                body = seen.body or seen.target.encode("latin-1")
                await link.send(b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
