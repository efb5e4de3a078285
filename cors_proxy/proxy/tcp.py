"""What only the kernel knows of a connection: unacknowledged bytes, and whether the peer left."""

import contextlib
import fcntl
import select
import struct
import termios
from typing import Any, Final

_INT: Final = struct.pack("i", 0)
# The peer's FIN and RST, seen without reading (poll(2)). POLLRDHUP, for FIN, is of Linux alone.
_LEFT: Final = int(getattr(select, "POLLRDHUP", 0)) | select.POLLHUP | select.POLLERR


def unsent(raw: Any) -> int:
    """Bytes that the peer has not acknowledged, in the transport and in the kernel.

    The kernel's part is SIOCOUTQ (tcp(7)), which has the value of TIOCOUTQ."""
    waiting: int = raw.get_write_buffer_size()
    sock = raw.get_extra_info("socket")
    if sock is not None and not raw.is_closing():
        with contextlib.suppress(OSError, ValueError):  # the connection has ended
            waiting += struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, _INT))[0]
    return waiting


def left(descriptor: int) -> bool:
    """Whether the peer closed its side, or all: a loop misses it while reading is paused."""
    poll = select.poll()
    poll.register(descriptor, _LEFT)
    return bool(poll.poll(0))


class Progress:
    """Watches whether a peer takes the bytes that wait for it."""

    __slots__ = ("_pending", "_since", "_written")

    def __init__(self) -> None:
        self._pending = 0
        self._since = 0.0
        self._written = 0

    def stalled(self, pending: int, written: int, now: float) -> float:
        """Seconds since the peer last took a byte; 0 if it takes them, or if none wait for it.

        `pending`: bytes that it has not acknowledged; `written`: all bytes that were ever written."""
        if not pending or pending - self._pending < written - self._written or not self._pending:
            self._since = now
        self._pending, self._written = pending, written
        return now - self._since
