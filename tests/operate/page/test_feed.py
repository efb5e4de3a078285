"""The stream is bounded in followers and in what waits for them, and costs nothing while nobody follows."""

import json

import pytest

from cors_proxy.operate.page.decision_event import Deliver
from cors_proxy.operate.page.feed import FOLLOWERS, WAITING, Feed, FeedFullError


class Watch:
    def __init__(self) -> None:
        self.calls: list[bool] = []

    def __call__(self, deliver: Deliver | None) -> None:
        self.calls.append(deliver is not None)


def test_watched_while_somebody_follows() -> None:
    watch = Watch()
    feed = Feed(watch)
    with feed.follow():
        with feed.follow():
            assert watch.calls == [True]
        assert watch.calls == [True]
    assert watch.calls == [True, False]


def test_a_few_followers() -> None:
    feed, watch = Feed(Watch()), []
    with pytest.raises(FeedFullError):
        for _ in range(FOLLOWERS + 1):
            follower = feed.follow()
            follower.__enter__()
            watch.append(follower)
    assert len(watch) == FOLLOWERS


def test_a_slow_reader_loses_the_oldest() -> None:
    feed = Feed(Watch())
    with feed.follow() as queue:
        for number in range(WAITING + 3):
            feed.publish([{"status": number}], 0)
        assert queue.qsize() == WAITING
        first = queue.get_nowait()
    assert json.loads(first.removeprefix(b"data: "))["decisions"] == [{"status": 3}]


def test_one_event_is_one_line() -> None:
    feed = Feed(Watch())
    with feed.follow() as queue:
        feed.publish([{"origin": "\n\ndata: x\r\u2028é"}], 2)
        event = queue.get_nowait()
    assert event.startswith(b"data: ") and event.endswith(b"\n\n")
    assert b"\n" not in event[:-2] and b"\r" not in event and event.isascii()
    assert json.loads(event[6:]) == {"decisions": [{"origin": "\n\ndata: x\r\u2028é"}], "skipped": 2}
