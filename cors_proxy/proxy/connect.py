"""Making a connection to one address of an upstream, and the words for why there is none."""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from typing import Final, NamedTuple

from .address import Address
from .tls_state import TlsState
from .upstream import UpstreamConnection

# Of OpenSSL: bytes came that are no TLS record.
_NOT_TLS: Final = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")


class UpstreamTls(NamedTuple):
    """How connections to an upstream are secured."""

    context: ssl.SSLContext
    name: str | None  # what its certificate has to be for; None: the host of the endpoint


async def open_connection(
    address: Address, tls: UpstreamTls | None, factory: Callable[[], UpstreamConnection]
) -> UpstreamConnection:
    """A connection of the factory's, secured where `tls` says so.

    Raises OSError (ssl.SSLError is one) or ValueError, of a server name that cannot be one."""
    loop = asyncio.get_running_loop()
    if address.endpoint.path:
        _, connection = await loop.create_unix_connection(factory, address.endpoint.path)
        return connection
    state = None if tls is None else TlsState(tls.context, tls.name or address.endpoint.host)

    def begin() -> UpstreamConnection:
        connection = factory()
        # Not later: what an upstream says first may come before this coroutine goes on.
        connection.expected_tls = state
        return connection

    transport, connection = await loop.create_connection(begin, address.host, address.endpoint.port)
    try:
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if state is not None:
            await connection.secure()
    except BaseException:
        connection.transport.abort()
        raise
    return connection


def words(error: BaseException) -> str:
    """Why there is no connection, as the system or the TLS library says it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        reason = error.reason or ""
        if reason in _NOT_TLS:
            return f"TLS: {reason.lower().replace('_', ' ')}: the upstream does not speak TLS on this port"
        return f"TLS: {reason.lower().replace('_', ' ') or error}"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)  # the event loop's own text repeats the address
    return str(error) or type(error).__name__
