"""What only the kernel knows of a connection: how much of what was written the peer has acknowledged, and how to end it by a reset."""

import asyncio
import contextlib
import fcntl
import socket
import struct
import termios
from typing import Any, Final

_LINGER_0: Final = struct.pack("ii", 1, 0)
_INT: Final = struct.pack("i", 0)


def unsent(transport: Any) -> int:
    """Bytes written that the peer has not acknowledged: in the transport, and in the kernel (SIOCOUTQ, tcp(7); it is TIOCOUTQ)."""
    waiting: int = transport.get_write_buffer_size()
    sock = transport.get_extra_info("socket")
    if sock is not None and not transport.is_closing():
        with contextlib.suppress(OSError, ValueError):
            waiting += struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, _INT))[0]
    return waiting


def reset(transport: asyncio.Transport) -> None:
    """Ends a connection by RST, so that a truncated answer never looks like a whole one (a close-delimited one would, by FIN)."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
    transport.abort()


class Progress:
    """Watches whether a peer takes what is there for it."""

    __slots__ = ("_pending", "_since", "_written")

    def __init__(self) -> None:
        self._pending = 0
        self._since = 0.0
        self._written = 0

    def stalled(self, transport: Any, written: int, now: float) -> float:
        """Seconds since the peer last took a byte, while there are bytes for it; 0 where it does or there are none."""
        pending = unsent(transport)
        if not pending or pending - self._pending < written - self._written or not self._pending:
            self._since = now
        self._pending, self._written = pending, written
        return now - self._since
