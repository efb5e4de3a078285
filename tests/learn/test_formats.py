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
