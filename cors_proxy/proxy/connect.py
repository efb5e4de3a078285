"""Making a connection to an upstream: names are resolved off the hot path and again after a while, every address is tried."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from ..policy.model import Upstream
from .upstream import UpstreamConnection

if TYPE_CHECKING:
    from .pool import Pool

_FRESH = 10.0  # seconds that an answer of the resolver is used
_LEAST = 0.25  # seconds that an address is given where others are left


class Addresses:
    """The addresses of one upstream; an answer of the resolver is kept for a while, and dropped when none of it connects."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._known: list[str] = []
        self._until = 0.0

    async def get(self) -> list[str]:
        loop = asyncio.get_running_loop()
        if monotonic() >= self._until or not self._known:
            found = await loop.getaddrinfo(self._upstream.host, self._upstream.port, type=socket.SOCK_STREAM)
            self._known = list(dict.fromkeys(str(entry[4][0]) for entry in found))
            self._until = monotonic() + _FRESH
        return self._known

    def prefer(self, address: str) -> None:
        """This one answered: it is asked first next time."""
        if address in self._known:
            self._known = [address, *(other for other in self._known if other != address)]

    def forget(self) -> None:
        self._until = 0.0


async def open_connection(pool: "Pool", addresses: Addresses, seconds: float) -> UpstreamConnection:
    """One connection, by the first address that takes it in its share of `seconds`; else raises OSError (ssl.SSLError is one)."""
    loop = asyncio.get_running_loop()
    upstream, context = pool.upstream, pool.context
    name = (pool.server_name or upstream.host) if context else None

    def protocol() -> UpstreamConnection:
        return UpstreamConnection(pool)

    if upstream.path:
        _, connection = await loop.create_unix_connection(protocol, upstream.path)
        return connection
    last: OSError = OSError("the name has no address")
    known = await addresses.get()
    for number, address in enumerate(known):
        try:
            attempt = _connect(protocol, address, upstream.port, context, name)
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
    protocol: Callable[[], UpstreamConnection],
    address: str,
    port: int,
    context: ssl.SSLContext | None,
    name: str | None,
) -> UpstreamConnection:
    transport, connection = await asyncio.get_running_loop().create_connection(protocol, address, port)
    try:
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None and name is not None:
            await connection.secure(context, name)
    except BaseException:
        connection.transport.abort()
        raise
    return connection
