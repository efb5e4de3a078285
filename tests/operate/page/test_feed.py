"""The stream is bounded in followers and in what waits for them, and costs nothing while nobody follows."""

import json

import pytest

from cors_proxy.operate.page.decision_event import Deliver
from cors_proxy.operate.page.feed import MAX_FOLLOWERS, MAX_QUEUED, Feed, FeedFullError


class Subscribe:
    def __init__(self) -> None:
        self.calls: list[bool] = []

    def __call__(self, deliver: Deliver | None) -> None:
        self.calls.append(deliver is not None)


def test_watched_while_somebody_follows() -> None:
    subscribe = Subscribe()
    feed = Feed(subscribe)
    with feed.follow():
        with feed.follow():
            assert subscribe.calls == [True]
        assert subscribe.calls == [True]
    assert subscribe.calls == [True, False]


def test_a_few_followers() -> None:
    feed, subscribe = Feed(Subscribe()), []
    with pytest.raises(FeedFullError):
        for _ in range(MAX_FOLLOWERS + 1):
            follower = feed.follow()
            follower.__enter__()
            subscribe.append(follower)
    assert len(subscribe) == MAX_FOLLOWERS


def test_a_slow_reader_loses_the_oldest() -> None:
    feed = Feed(Subscribe())
    with feed.follow() as queue:
        for number in range(MAX_QUEUED + 3):
            feed.publish([{"status": number}], 0)
        assert queue.qsize() == MAX_QUEUED
        first = queue.get_nowait()
    assert json.loads(first.removeprefix(b"data: "))["decisions"] == [{"status": 3}]


def test_one_event_is_one_line() -> None:
    feed = Feed(Subscribe())
    with feed.follow() as queue:
        feed.publish([{"origin": "\n\ndata: x\r\u2028é"}], 2)
        event = queue.get_nowait()
    assert event.startswith(b"data: ") and event.endswith(b"\n\n")
    assert b"\n" not in event[:-2] and b"\r" not in event and event.isascii()
    assert json.loads(event[6:]) == {"decisions": [{"origin": "\n\ndata: x\r\u2028é"}], "skipped": 2}
