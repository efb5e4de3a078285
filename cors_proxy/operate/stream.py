"""Writes lines to stdout and stderr without blocking the traffic.

A full pipe, a full disk or a reader that left costs lines, not time.  A thread does the writing.
O_NONBLOCK would need no thread, but it is a flag of the open file description (fcntl(2)), which a
shell, a container runtime and the other workers share.
"""

import contextlib
import fcntl
import os
import select
import threading
from collections.abc import Iterator
from typing import Final

MAX_QUEUED: Final = 4 << 20  # bytes
# Lines that are written at once while this process has the file for itself.  After each write this
# thread waits for the interpreter's lock, which the traffic holds: all lines of 50 ms are one write.
TOGETHER: Final = 1024
GATHER_SECONDS: Final = 0.05  # to gather lines in: one thread switch for many
_THREADS: dict[tuple[int, int], threading.Lock] = {}  # one for a file, by device and inode


@contextlib.contextmanager
def _alone(descriptor: int, threads: threading.Lock) -> Iterator[bool]:
    """While no other worker and no other thread writes to the same file.

    Yields False where the file has no locks: then only a write of at most PIPE_BUF, 4,096 bytes, is
    not mixed with those of other processes (pipe(7)).
    The locks of fcntl(2) belong to the process: they end with a killed worker, and they do not
    hold back its own threads (stdout and stderr may be one pipe).
    """
    with threads:
        locked = True
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX)
        except OSError:  # a file system without locks
            locked = False
        try:
            yield locked
        finally:
            if locked:
                fcntl.lockf(descriptor, fcntl.LOCK_UN)


class Stream:
    """One file descriptor, written by a daemon thread.  One other thread calls `write`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        status = os.fstat(descriptor)
        self._threads = _THREADS.setdefault((status.st_dev, status.st_ino), threading.Lock())
        # Both threads change it, each by one call of a list, which no other thread interrupts.
        self._lines: list[bytes] = []
        # Bytes, then lines.  Each has one thread that writes it, so no lock is needed: the caller's
        # the first line, the daemon the second.
        self._queued = self._dropped_full = 0
        self._written = self._dropped_failed = 0
        self._wake = threading.Event()
        self._awake = False  # the daemon will look at `_lines`
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"log-{descriptor}", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Lines that found the queue full, or that could not be written."""
        return self._dropped_full + self._dropped_failed

    def write(self, line: bytes) -> None:
        """Queue one line, with its line end."""
        if self._queued - self._written > MAX_QUEUED:
            self._dropped_full += 1
            return
        self._queued += len(line)
        self._lines.append(line)
        if not self._awake:
            self._awake = True
            self._wake.set()

    def close(self, seconds: float = 1.0) -> None:
        """Write what is queued, for at most so many seconds."""
        self._closing.set()
        self._wake.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not (self._closing.is_set() and not self._lines):
            self._wake.wait()
            self._closing.wait(GATHER_SECONDS)
            self._wake.clear()
            self._awake = False  # before it looks: what is queued from now on wakes it again
            while self._lines:
                self._flush()

    def _flush(self) -> None:
        batch = self._lines[:TOGETHER]
        del self._lines[: len(batch)]
        data = b"".join(batch)
        try:
            with _alone(self._descriptor, self._threads) as alone:
                for piece in [data] if alone else batch:
                    self._write(piece)
        except OSError:
            self._dropped_failed += len(batch)
        self._written += len(data)

    def _write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:  # another process set O_NONBLOCK on the shared file
                poll = select.poll()
                poll.register(self._descriptor, select.POLLOUT)
                poll.poll(1000)
