"""`python -m bench.echo PORT`: answers a WebSocket handshake, and sends each frame back.

All frames are of one size and have a mask of zeros, so that no byte needs work: what is measured is
the proxy between."""

import asyncio
import base64
import hashlib
import re
import struct
import sys

SIZE = 1 << 10  # bytes of a frame's payload
# RFC 6455 section 5.2: binary and final, a length of 16 bits; the client's frames have a mask.
BACK = struct.pack("!BBH", 0x82, 126, SIZE)
SENT = struct.pack("!BBH4x", 0x82, 126 | 0x80, SIZE) + b"x" * SIZE
ANSWER = BACK + b"x" * SIZE
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3


def accept(key: bytes) -> bytes:
    return base64.b64encode(hashlib.sha1(key + GUID).digest())


class Echo(asyncio.Protocol):
    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.rest = b""
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert self.transport
        self.rest += data
        if not self.open:
            head, found, self.rest = self.rest.partition(b"\r\n\r\n")
            if not found:
                self.rest = head
                return
            key = re.search(rb"(?i)\r\nsec-websocket-key: *(\S+)", head)
            if key is None:
                self.transport.close()
                return
            self.open = True
            lines = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            self.transport.write(lines + b"Sec-WebSocket-Accept: " + accept(key[1]) + b"\r\n\r\n")
        frames = len(self.rest) // len(SENT)
        if frames:
            self.rest = self.rest[frames * len(SENT) :]
            self.transport.write(ANSWER * frames)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
