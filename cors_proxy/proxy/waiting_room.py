"""A connection that waits for a place: it is counted, and holds next to nothing.

uvloop reads the first segment of a connection before it can be told not to, into a buffer of 250 KB.  So a protocol with
a buffer of its own stands in for the client's until there is a place."""

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .client import ClientConnection
    from .transport import Transport

_BYTES: Final = 16


class Waiting(asyncio.BufferedProtocol):
    """Takes at most a few bytes of the first segment."""

    def __init__(self, client: "ClientConnection", transport: "Transport") -> None:
        self._client, self._transport = client, transport
        self._buffer = bytearray(_BYTES)
        self._early = b""
        transport.hand_to(self)

    def over(self) -> bytes:
        """There is a place: the client's connection reads again.  What came meanwhile."""
        self._transport.hand_to(self._client)
        self._transport.resume()
        return self._early

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._early += bytes(self._buffer[:nbytes])
        self._transport.pause()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._client.connection_lost(exc)
