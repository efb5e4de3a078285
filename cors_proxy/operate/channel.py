"""Messages between supervisor and worker: pickles over a socket pair, each after its length.

The messages hold a frozen `Policy` or `Counters`, which JSON has no form for.  Pickle is safe here:
both ends are this program, and no other process holds the sockets.
"""

import asyncio
import pickle
import socket
import struct
from typing import Any, Final

LENGTH: Final = struct.Struct("!I")


class Channel:
    """One end of the socket pair."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, end: socket.socket) -> "Channel":
        end.setblocking(False)
        return cls(*await asyncio.open_unix_connection(sock=end))

    def send(self, kind: str, value: object = None) -> None:
        """Queue a message; never waits.

        If the other end is gone, the message is dropped: asyncio ignores a write to a closing
        transport, uvloop raises RuntimeError.  `receive` reports the end.
        """
        if self._writer.is_closing():
            return
        data = pickle.dumps((kind, value), pickle.HIGHEST_PROTOCOL)
        self._writer.write(LENGTH.pack(len(data)) + data)

    async def receive(self) -> tuple[str, Any]:
        """The kind and the value of the next message.  Raises EOFError if the other end is gone."""
        try:
            (length,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
            kind, value = pickle.loads(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise EOFError from error
        return kind, value

    async def flush(self) -> None:
        """Wait until all messages are written.  Raises EOFError if the other end is gone."""
        if self._writer.is_closing():
            raise EOFError
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise EOFError from error

    def close(self) -> None:
        self._writer.close()
