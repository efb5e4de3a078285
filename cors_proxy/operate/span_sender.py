"""Sends finished spans from a thread of its own, many at once.

The loop only appends to a bounded queue.  The SDK's `BatchSpanProcessor` takes spans that are
already made, and does not say how many it drops (ADR 12)."""

import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from opentelemetry.sdk.environment_variables import (
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
    OTEL_BSP_MAX_QUEUE_SIZE,
    OTEL_BSP_SCHEDULE_DELAY,
)

QUEUE: Final = 2048  # spans
# Fewer than OpenTelemetry's 512: encoding a batch keeps the interpreter's lock from the loop.
BATCH: Final = 128
DELAY: Final = 5000  # milliseconds until a batch that is not full is sent

Item = TypeVar("Item")


class Sender(Generic[Item]):
    """`send` gets at most a batch, in the thread; it must not raise.  `dropped` is called in the
    thread of the loop, for each span that found the queue full."""

    def __init__(
        self,
        send: Callable[[Sequence[Item]], None],
        dropped: Callable[[], None],
        complain: Callable[[str], None],
        ended: Callable[[], None],
    ) -> None:
        self._send, self._dropped, self._ended = send, dropped, ended
        bound = _number(OTEL_BSP_MAX_QUEUE_SIZE, QUEUE, complain)
        self._batch = min(bound, _number(OTEL_BSP_MAX_EXPORT_BATCH_SIZE, BATCH, complain))
        self._delay = _number(OTEL_BSP_SCHEDULE_DELAY, DELAY, complain) / 1000
        self._queue: deque[Item] = deque(maxlen=bound)
        self._bound = bound
        self._wake = threading.Event()
        self._closing = False
        # A daemon: a collector that is down must not hold the end of the process.
        threading.Thread(target=self._run, name="spans", daemon=True).start()

    def add(self, item: Item) -> None:
        """In the loop's thread.  The newest spans stay."""
        queue = self._queue
        if len(queue) == self._bound:
            self._dropped()
        queue.append(item)
        if len(queue) == self._batch:
            self._wake.set()

    def close(self) -> None:
        """Sends what is queued; then `ended` is called, in the thread."""
        self._closing = True
        self._wake.set()

    def _run(self) -> None:
        while not self._closing:
            full = self._wake.wait(self._delay)
            self._wake.clear()
            # Woken by a full batch, it leaves the rest for the next one.
            self._send_batches(self._batch if full and not self._closing else 1)
        self._send_batches(1)
        self._ended()

    def _send_batches(self, least: int) -> None:
        queue = self._queue
        while len(queue) >= least:
            self._send([queue.popleft() for _ in range(min(self._batch, len(queue)))])


def _number(variable: str, default: int, complain: Callable[[str], None]) -> int:
    text = os.environ.get(variable, "").strip()
    if not text:
        return default
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    complain(f"{variable} is not a whole number above 0: {default} is used")
    return default
