"""The stream of decisions: a few followers, each with a bounded queue.

Without followers no decisions are gathered.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from .decision_event import DecisionEvent, Deliver

MAX_FOLLOWERS: Final = 8
MAX_QUEUED: Final = 16  # batches for one follower

Subscribe = Callable[[Deliver | None], None]
"""`Backend.subscribe`."""


class FeedFullError(Exception):
    """There are `MAX_FOLLOWERS` already."""


class Feed:
    """Sends each batch to every follower, as a server-sent event.

    https://html.spec.whatwg.org/multipage/server-sent-events.html
    """

    def __init__(self, subscribe: Subscribe) -> None:
        self._subscribe = subscribe
        self._followers: set[asyncio.Queue[bytes]] = set()

    @contextmanager
    def follow(self) -> Iterator[asyncio.Queue[bytes]]:
        """The queue of a new follower, for the time of the context.  Raises `FeedFullError`."""
        if len(self._followers) >= MAX_FOLLOWERS:
            raise FeedFullError
        queue: asyncio.Queue[bytes] = asyncio.Queue(MAX_QUEUED)
        self._followers.add(queue)
        if len(self._followers) == 1:
            self._subscribe(self.publish)
        try:
            yield queue
        finally:
            self._followers.discard(queue)
            if not self._followers:
                self._subscribe(None)

    def publish(self, batch: list[DecisionEvent], skipped: int) -> None:
        # ASCII JSON has no line ends, so one `data` line holds the event.
        event = b"data: " + json.dumps({"decisions": batch, "skipped": skipped}).encode("ascii") + b"\n\n"
        for queue in self._followers:
            if queue.full():  # a slow reader loses the oldest batch
                queue.get_nowait()
            queue.put_nowait(event)
