"""The one place that writes to a socket's transport, pauses it and ends it.

Three rules hold here by construction, for the client's side and the upstream's:
* What was written goes out before the end, unless the end is an abort.
* Whether the peer takes what was written is a level (`blocked`), which whoever starts work for that peer asks for.
* uvloop raises on a transport that is closing, where asyncio does not: here it never does."""

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING, Any, Final

from .tcp import unsent

if TYPE_CHECKING:
    from .outbox import Outbox
    from .tls_state import TlsState

_LINGER_0: Final = struct.pack("ii", 1, 0)
_FULL: Final = (
    32 << 10
)  # bytes of one turn of the loop that are handed over before its end, so that `blocked` is true in time


class Transport:
    """A socket's transport, with TLS where `tls` is set."""

    __slots__ = (
        "_closed", "_eof", "_outbox", "_paused", "_pending", "_raw", "_waiting", "_waits", "blocked", "tls", "written",
    )  # fmt: skip

    def __init__(self, outbox: "Outbox", raw: Any) -> None:
        self._outbox, self._raw = outbox, raw
        self._pending: list[bytes] = []
        self._waiting = 0  # bytes in _pending
        self._waits = False  # the outbox will call `flush`
        self._closed = self._eof = self._paused = False
        self.tls: TlsState | None = None
        self.blocked = False  # the peer does not take what was written: nothing more is begun for it
        self.written = 0  # bytes, for `tcp.Progress`

    # writing

    def write(self, data: bytes) -> None:
        """Goes out with what else is written in this turn."""
        if self._closed or self._eof:
            return
        size = len(data)
        self.written += size
        self._waiting += size
        self._pending.append(data)
        if not self._waits:
            self._waits = True
            self._outbox.add(self, size)
        elif self._waiting > _FULL:
            self.flush()

    def write_now(self, data: bytes) -> None:
        """Goes out at once, behind what waits."""
        if not (self._closed or self._eof):
            self.written += len(data)
            self.flush()
            self._send(data)

    def flush(self) -> None:
        """Hands over what waits."""
        self._waits = False
        pending = self._pending
        if pending:
            data = pending[0] if len(pending) == 1 else b"".join(pending)
            pending.clear()
            self._waiting = 0
            self._send(data)

    def _send(self, data: bytes) -> None:
        if self._raw.is_closing():
            return
        self._raw.write(data if self.tls is None else self.tls.encrypt(data))

    def send_records(self) -> None:
        """Hands over what the TLS layer has to say for itself: its handshake, an alert."""
        if self.tls is not None and not self._raw.is_closing():
            records = self.tls.to_send()
            if records:
                self._raw.write(records)

    @property
    def waiting(self) -> int:
        """Bytes written that the kernel has no room for yet."""
        return self._waiting + int(self._raw.get_write_buffer_size())

    @property
    def unsent(self) -> int:
        """Bytes written that the peer has not acknowledged: in the transport, and in the kernel."""
        return self._waiting + unsent(self._raw)

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
        """Nothing is read, so that the peer's end is not seen either."""
        return self._paused

    def hand_to(self, protocol: asyncio.BaseProtocol) -> None:
        """What comes goes to this protocol."""
        self._raw.set_protocol(protocol)

    # the end

    @property
    def closing(self) -> bool:
        """An end was asked for, or has come."""
        return self._closed or bool(self._raw.is_closing())

    def half_close(self) -> None:
        """What was written, then FIN (behind close_notify, RFC 8446 6.1); reading goes on."""
        if self._closed or self._eof:
            return
        self._last_bytes()
        self._eof = True
        if not self._raw.is_closing():
            self._raw.write_eof()

    def close(self) -> None:
        """What was written, then the end."""
        if not self._closed:
            self._last_bytes()
            self._closed = True
            self._raw.close()

    def reset(self) -> None:
        """What was written, as far as the kernel takes it, then RST: a broken-off message must not look like a whole one."""
        if not self._closed:
            self.flush()
        self._reset()

    def abort(self) -> None:
        """The end now; what waits is dropped."""
        self._pending.clear()
        self._waiting = 0
        if self.unsent:
            # The kernel would keep its own megabytes, and the peer would see no end before it took them.
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
