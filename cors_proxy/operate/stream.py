"""Lines for stdout and stderr that never wait: a full pipe, a full disk or a reader that left costs lines, not traffic.

A thread of its own does the writing. O_NONBLOCK would do without one, but it belongs to the open file, which a shell,
a container runtime and the other workers share."""

import os
import select
import threading
from collections import deque
from typing import Final

CAPACITY: Final = 4 << 20  # bytes waiting at most
ATOMIC: Final = 4096  # PIPE_BUF: a write of at most this much is never mixed with another process's
PAUSE: Final = 0.05  # seconds for which lines gather: one switch of threads for many of them


class Stream:
    """One file descriptor, written by one daemon thread; lines are handed in by one other thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: deque[bytes] = deque()
        # Each of these has one thread that writes it: no lock is needed.
        self._queued = self._refused = 0
        self._done = self._lost = 0
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"log-{descriptor}", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Lines that found no room, or could not be written."""
        return self._refused + self._lost

    def write(self, line: bytes) -> None:
        """One whole line with its end; returns at once."""
        if self._queued - self._done > CAPACITY:
            self._refused += 1
            return
        self._queued += len(line)
        self._lines.append(line)
        if not self._wake.is_set():
            self._wake.set()

    def close(self, seconds: float = 1.0) -> None:
        """Write what is waiting, for so long as somebody takes it."""
        self._closing.set()
        self._wake.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not (self._closing.is_set() and not self._lines):
            self._wake.wait()
            self._closing.wait(PAUSE)
            self._wake.clear()
            while self._lines:
                self._flush()

    def _flush(self) -> None:
        batch = [self._lines.popleft()]
        size = len(batch[0])
        while self._lines and size + len(self._lines[0]) <= ATOMIC:
            batch.append(self._lines.popleft())
            size += len(batch[-1])
        try:
            self._write(b"".join(batch))
        except OSError:
            self._lost += len(batch)
        self._done += size

    def _write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:  # somebody else has made the shared file non-blocking
                poll = select.poll()
                poll.register(self._descriptor, select.POLLOUT)
                poll.poll(1000)
