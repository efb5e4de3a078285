"""The one place that writes to a socket's transport, pauses it and ends it.

Three rules hold here by construction, for the client's side and the upstream's:
* What was written goes out before the end, unless the end is an abort.
* `blocked` says whether the peer takes what was written.  It is a level, not an event: code that starts
  work for the peer asks for it, and cannot miss it.
* uvloop raises when a transport that is closing is used, where asyncio does not: here it never does."""

import asyncio
import contextlib
import socket
import struct
from typing import Any, Final

from .tcp import unsent
from .tls_state import TlsState

# SO_LINGER with a time of 0 turns the end of a connection into a reset (socket(7)).
_LINGER_0: Final = struct.pack("ii", 1, 0)
# Bytes of one turn of the loop that are handed over before its end, so that `blocked` is true in
# time.
_FULL: Final = 32 << 10


class WriteQueue:
    """What a transport tells that it has something to write: the outbox, which stands above it."""

    def add(self, transport: "Transport", size: int) -> None:
        """Has `transport.flush()` called once, soon.  `size`: the bytes that it begins with."""
        raise NotImplementedError


class Transport:
    """A socket's transport, with TLS where `tls` is set."""

    __slots__ = (
        "_buffered", "_closed", "_eof", "_paused", "_pending", "_queue", "_queued", "_raw", "blocked",
        "tls", "written",
    )  # fmt: skip

    def __init__(self, queue: WriteQueue, raw: Any) -> None:
        self._queue, self._raw = queue, raw
        self._pending: list[bytes] = []
        self._buffered = 0  # bytes in _pending
        self._queued = False  # the queue will call `flush`
        self._closed = self._eof = self._paused = False
        self.tls: TlsState | None = None
        self.blocked = False  # the peer does not take what was written: start nothing more for it
        self.written = 0  # bytes, for `tcp.Progress`

    # writing

    def write(self, data: bytes) -> None:
        """Writes together with what else is written in this turn of the loop."""
        if self._closed or self._eof:
            return
        size = len(data)
        self.written += size
        self._buffered += size
        self._pending.append(data)
        if not self._queued:
            self._queued = True
            self._queue.add(self, size)
        elif self._buffered > _FULL:
            self.flush()

    def write_now(self, data: bytes) -> None:
        """Writes at once, after what waits."""
        if not (self._closed or self._eof):
            self.written += len(data)
            self.flush()
            self._send(data)

    def flush(self) -> None:
        """Hands over what waits."""
        self._queued = False
        pending = self._pending
        if pending:
            data = pending[0] if len(pending) == 1 else b"".join(pending)
            pending.clear()
            self._buffered = 0
            self._send(data)

    def _send(self, data: bytes) -> None:
        if self._raw.is_closing():
            return
        self._raw.write(data if self.tls is None else self.tls.encrypt(data))

    def send_records(self) -> None:
        """Hands over what the TLS layer itself has to send: its handshake, an alert."""
        if self.tls is not None and not self._raw.is_closing():
            records = self.tls.to_send()
            if records:
                self._raw.write(records)

    @property
    def buffered(self) -> int:
        """Bytes written that the kernel has no room for yet."""
        return self._buffered + int(self._raw.get_write_buffer_size())

    @property
    def unsent(self) -> int:
        """Bytes written that the peer has not acknowledged: in the transport, and in the kernel."""
        return self._buffered + unsent(self._raw)

    # reading

    def pause(self) -> None:
        if not self._paused:
            self._paused = True
            if not self._raw.is_closing():
                self._raw.pause_reading()

    def resume(self) -> None:
        if self._paused:
            self._paused = False
            if not self._raw.is_closing():
                self._raw.resume_reading()

    @property
    def paused(self) -> bool:
        """Nothing is read, so the loop does not see the peer's end either."""
        return self._paused

    def hand_to(self, protocol: asyncio.BaseProtocol) -> None:
        """Gives what comes to this protocol from now on."""
        self._raw.set_protocol(protocol)

    # the end

    @property
    def closing(self) -> bool:
        """An end was asked for, or has come."""
        return self._closed or bool(self._raw.is_closing())

    def half_close(self) -> None:
        """Sends what was written, then FIN (over TLS after close_notify, RFC 8446 6.1).  Reading
        goes on."""
        if self._closed or self._eof:
            return
        self._last_bytes()
        self._eof = True
        if not self._raw.is_closing():
            with contextlib.suppress(OSError):  # of asyncio's loop, after a reset
                self._raw.write_eof()

    def close(self) -> None:
        """Sends what was written, then ends."""
        if not self._closed:
            self._last_bytes()
            self._closed = True
            self._raw.close()

    def reset(self) -> None:
        """Sends what was written, as far as the kernel takes it, then RST: to its reader, a message
        that broke off must not look whole (RFC 9112 8)."""
        if not self._closed:
            self.flush()
        self._reset()

    def abort(self) -> None:
        """Ends now, and drops what waits."""
        self._pending.clear()
        self._buffered = 0
        if self.unsent:
            # The kernel would keep its own megabytes, and the peer would see no end before it took
            # them.
            self._reset()
        else:
            self._closed = True
            self._raw.abort()

    def _reset(self) -> None:
        self._closed = True
        sock = self._raw.get_extra_info("socket")
        if sock is not None and not self._raw.is_closing():
            with contextlib.suppress(OSError):  # it has ended
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
        self._raw.abort()

    def _last_bytes(self) -> None:
        self.flush()
        if self.tls is not None and not self._eof and not self._raw.is_closing():
            self._raw.write(self.tls.close())
