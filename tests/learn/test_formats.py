import json

import pytest

from cors_proxy.learn.formats import read_line

OWN = {"http.request.method": "GET", "url.path": "/a"}


def test_of_this_proxy() -> None:
    seen = read_line(json.dumps(OWN))
    assert seen is not None and seen.path == "/a"
    assert (
        read_line("2026-11-29T00:00:00.000Z 200 GET /a origin=- client=::1 forward: no-origin 1.0ms")
        is not None
    )


def test_of_other_servers() -> None:
    assert read_line('{"method": "GET", "path": "/a"}') is not None
    assert read_line('192.0.2.1 - - [29/Nov/2026:03:10:00 +0000] "GET /a HTTP/1.1" 200 17') is not None


def test_a_name_that_stands_twice_may_be_a_visitors() -> None:
    assert read_line('{"method": "GET", "path": "/a", "path": "/b"}') is None
    assert read_line('{"method": "GET", "path": "/a", "request": {"x": 1, "x": 2}}') is None


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "{",
        "{}",
        "[1]",
        "{" * 5000,
        json.dumps(OWN | {"url.path": "a"}),
        '{"a": 1e999999}',
        '{"a": ' + "9" * 9000 + "}",
    ],
)
def test_of_no_log(line: str) -> None:
    assert read_line(line) is None
