"""The supervisor's wire to one worker: whole Python values, each behind its length, over a socket pair that nobody else holds.

Pickle, because what travels is a frozen `Policy` and a `Counters`: both ends are this program, started by the same hand."""

import asyncio
import pickle
import socket
import struct
from typing import Any, Final

LENGTH: Final = struct.Struct("!I")


class Channel:
    """One end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, end: socket.socket) -> "Channel":
        end.setblocking(False)
        return cls(*await asyncio.open_unix_connection(sock=end))

    def send(self, kind: str, value: object = None) -> None:
        """Never waits; what the other end does not read gathers here.  To one that is gone nothing is sent: asyncio would let
        that pass, uvloop raises RuntimeError for it, and only `receive` says that the end is there."""
        if self._writer.is_closing():
            return
        data = pickle.dumps((kind, value), pickle.HIGHEST_PROTOCOL)
        self._writer.write(LENGTH.pack(len(data)) + data)

    async def receive(self) -> tuple[str, Any]:
        """EOFError when the other end is gone."""
        try:
            (length,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
            kind, value = pickle.loads(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise EOFError from error
        return kind, value

    async def flush(self) -> None:
        """Until the other end has all of it, or is gone: EOFError."""
        if self._writer.is_closing():
            raise EOFError
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise EOFError from error

    def close(self) -> None:
        self._writer.close()
