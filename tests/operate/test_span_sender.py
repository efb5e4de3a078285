"""The queue of finished spans, and the thread that empties it."""

import queue
import threading
from collections.abc import Sequence

import pytest

from cors_proxy.operate.span_sender import BATCH, QUEUE, Sender

PATIENCE = 20.0  # seconds until a test gives up; never waited for


class Kept:
    """What a sender does; `hold` lets it wait in `send`."""

    def __init__(self) -> None:
        self.batches: queue.Queue[list[int]] = queue.Queue()
        self.dropped = 0
        self.complaints: list[str] = []
        self.ended = threading.Event()
        self.hold = threading.Event()
        self.hold.set()
        self.sender = Sender[int](self.send, self.drop, self.complaints.append, self.ended.set)

    def send(self, items: Sequence[int]) -> None:
        self.batches.put(list(items))
        assert self.hold.wait(PATIENCE)

    def drop(self) -> None:
        self.dropped += 1

    def next(self) -> list[int]:
        return self.batches.get(timeout=PATIENCE)

    def end(self) -> list[list[int]]:
        """What is sent at the end."""
        self.hold.set()
        self.sender.close()
        assert self.ended.wait(PATIENCE)
        return [self.batches.get() for _ in range(self.batches.qsize())]


def test_a_full_batch_is_sent_at_once_and_the_rest_at_the_end() -> None:
    kept = Kept()
    for number in range(BATCH + 2):
        kept.sender.add(number)
    assert kept.next() == list(range(BATCH))
    assert kept.end() == [[BATCH, BATCH + 1]]


def test_a_batch_that_is_not_full_is_sent_after_the_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
    kept = Kept()
    kept.sender.add(1)
    assert kept.next() == [1]
    assert kept.end() == []


def test_a_full_queue_keeps_the_newest_and_counts_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "3")
    kept = Kept()
    kept.hold.clear()
    for number in range(3):  # a batch is never larger than the queue
        kept.sender.add(number)
    assert kept.next() == [0, 1, 2]
    for number in range(3, 10):
        kept.sender.add(number)
    assert kept.dropped == 4
    assert kept.end() == [[7, 8, 9]]


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "\u0661"])
def test_a_variable_that_is_no_number_is_said_and_not_used(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    for name in ("MAX_QUEUE_SIZE", "MAX_EXPORT_BATCH_SIZE", "SCHEDULE_DELAY"):
        monkeypatch.setenv(f"OTEL_BSP_{name}", value)
    kept = Kept()
    assert [text.split()[0] for text in kept.complaints] == [
        "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_SCHEDULE_DELAY"
    ]  # fmt: skip
    for number in range(QUEUE):
        kept.sender.add(number)
    assert kept.dropped == 0
    kept.end()
