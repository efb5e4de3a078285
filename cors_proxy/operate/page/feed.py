"""Those who look at the stream of decisions: a few, each with a bounded queue.  While nobody looks nothing is gathered."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from .decision_event import DecisionEvent, Deliver

FOLLOWERS: Final = 8
WAITING: Final = 16  # batches that wait for a slow reader

Watch = Callable[[Deliver | None], None]
"""Begins to deliver, or ends it."""


class FeedFullError(Exception):
    """There are as many followers as there may be."""


class Feed:
    """Batches as Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html), for every follower."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._followers: set[asyncio.Queue[bytes]] = set()

    @contextmanager
    def follow(self) -> Iterator[asyncio.Queue[bytes]]:
        """Raises `FeedFullError`."""
        if len(self._followers) >= FOLLOWERS:
            raise FeedFullError
        queue: asyncio.Queue[bytes] = asyncio.Queue(WAITING)
        self._followers.add(queue)
        if len(self._followers) == 1:
            self._watch(self.publish)
        try:
            yield queue
        finally:
            self._followers.discard(queue)
            if not self._followers:
                self._watch(None)

    def publish(self, glimpses: list[DecisionEvent], skipped: int) -> None:
        # JSON in ASCII has no line end: one `data` line is one whole event.
        event = b"data: " + json.dumps({"decisions": glimpses, "skipped": skipped}).encode("ascii") + b"\n\n"
        for queue in self._followers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)
