"""Making a connection to an upstream.  Names are resolved off the hot path, and again after a
while; every address is tried."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from time import monotonic
from typing import Final, NamedTuple

from ..policy.model import Upstream
from .upstream import UpstreamConnection

_FRESH: Final = 10.0  # seconds that an answer of the resolver is used
_LEAST: Final = 0.25  # seconds that an address is given where others are left


class UpstreamTls(NamedTuple):
    """How connections to an upstream are secured."""

    context: ssl.SSLContext
    name: str  # what its certificate has to be for


class Addresses:
    """The addresses of one upstream; an answer of the resolver is kept for a while, and dropped
    when none of it connects."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self._known: list[str] = []
        self._until = 0.0

    async def get(self) -> list[str]:
        loop = asyncio.get_running_loop()
        if monotonic() >= self._until or not self._known:
            found = await loop.getaddrinfo(self.upstream.host, self.upstream.port, type=socket.SOCK_STREAM)
            self._known = list(dict.fromkeys(str(entry[4][0]) for entry in found))
            self._until = monotonic() + _FRESH
        return self._known

    def prefer(self, address: str) -> None:
        """This one answered: it is asked first next time."""
        if address in self._known:
            self._known = [address, *(other for other in self._known if other != address)]

    def forget(self) -> None:
        self._until = 0.0


async def open_connection(
    addresses: Addresses, tls: UpstreamTls | None, seconds: float, factory: Callable[[], UpstreamConnection]
) -> UpstreamConnection:
    """A connection of the factory's, by the first address that takes it in its share of `seconds`;
    else raises OSError (ssl.SSLError is one)."""
    upstream = addresses.upstream
    loop = asyncio.get_running_loop()
    if upstream.path:
        _, connection = await loop.create_unix_connection(factory, upstream.path)
        return connection
    last: OSError = OSError("the name has no address")
    known = await addresses.get()
    for number, address in enumerate(known):
        try:
            attempt = _connect(factory, address, upstream.port, tls)
            if number + 1 < len(known):
                async with asyncio.timeout(max(_LEAST, seconds / len(known))):
                    connection = await attempt
            else:
                connection = await attempt
        except OSError as error:
            last = error
            continue
        addresses.prefer(address)
        return connection
    addresses.forget()
    raise last


async def _connect(
    factory: Callable[[], UpstreamConnection], address: str, port: int, tls: UpstreamTls | None
) -> UpstreamConnection:
    transport, connection = await asyncio.get_running_loop().create_connection(factory, address, port)
    try:
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            await connection.secure(tls.context, tls.name)
    except BaseException:
        connection.transport.abort()
        raise
    return connection
