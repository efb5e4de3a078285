"""The table of ways.  tests/browser/test_ways.py compares it with browsers."""

import pytest

from cors_proxy.explain.ways import BROWSERS, WAYS, find_way

# What issues and documents call them
NAMES = {
    "fetch": "fetch", "XHR": "xhr", "image": "image", "img": "image", "script": "script",
    "module": "module", "style": "style", "font": "font", "audio": "audio", "video": "video",
    "track": "track", "iframe": "iframe", "frame in sandbox": "sandboxed-iframe",
    "sandboxed-iframe": "sandboxed-iframe", "object": "object", "embed": "embed", "link": "link",
    "form GET": "form-get", "form-post": "form-post", "window.open": "window-open",
    "window-open": "window-open", "prefetch": "prefetch", "preload": "preload", "beacon": "beacon",
    "EventSource": "event-source", "WebSocket": "websocket", "service-worker fetch": "service-worker",
    "favicon": "favicon", "ping": "ping", "CSP report": "csp-report", "worker script": "worker",
}  # fmt: skip


@pytest.mark.parametrize("text", NAMES)
def test_names(text: str) -> None:
    assert find_way(text).name == NAMES[text]


def test_every_way_has_a_name_that_is_tested() -> None:
    assert [way.name for way in WAYS] == list(dict.fromkeys(NAMES.values()))
    assert all(browser in BROWSERS for way in WAYS for browser in way.browsers)


@pytest.mark.parametrize("text", ["", "carrier-pigeon", "all of them"])
def test_no_way(text: str) -> None:
    with pytest.raises(ValueError, match="none of all, fetch, xhr"):
        find_way(text)
