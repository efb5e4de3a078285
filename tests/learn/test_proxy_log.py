"""The lines are written by the proxy's own log."""

import json

from cors_proxy.cors.decision import Answer
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.request import judge_headers
from cors_proxy.learn.proxy_log import from_json, from_text
from cors_proxy.learn.seen import Asked, Granted
from cors_proxy.operate.access_log import json_line, text_line
from cors_proxy.proxy.recorder import Exchange

from .records import APP

LINES = [
    (b"access-control-allow-origin", APP.encode()),
    (b"Access-Control-Allow-Credentials", b"true"),
    (b"Access-Control-Allow-Methods", b"GET, PUT"),
    (b"Access-Control-Allow-Headers", b"X-A,x-b"),
    (b"Access-Control-Allow-Headers", b"x-c"),
    (b"Access-Control-Expose-Headers", b"X-Total"),
]


def exchange(kind: str = "preflight") -> Exchange:
    judged = judge_headers(
        [
            (b"Access-Control-Request-Method", b"PUT"),
            (b"Access-Control-Request-Headers", b"X-A,x-b"),
            (b"Cookie", b"secret=1"),
        ]
    )
    decision = Answer(Reason.PREFLIGHT_ALLOWED, kind)  # type: ignore[arg-type]
    found = Exchange(
        b"OPTIONS",
        b"/a?token=secret",
        "192.0.2.1",
        "https",
        "1.1",
        0.0,
        b"api.example",
        APP.encode(),
        decision=decision,
        judged=judged,
        mode="report",
    )
    found.status = 204
    return found


def test_json() -> None:
    one = exchange()
    one.upstream_lines = LINES
    line = json_line(one).decode()
    seen = from_json(json.loads(line))
    assert "secret" not in line
    assert (seen.method, seen.path, seen.origin, seen.host, seen.status) == (
        "OPTIONS",
        "/a",
        APP,
        "api.example",
        204,
    )
    assert seen.asked == Asked("PUT", ("x-a", "x-b")) and seen.cookie and seen.time.startswith("20")
    assert seen.granted == Granted(APP, True, ("GET", "PUT"), ("X-A", "x-b", "x-c"), ("X-Total",))


def test_an_api_that_granted_nothing_is_told_from_a_line_that_does_not_tell() -> None:
    one = exchange("request")
    assert from_json(json.loads(json_line(one))).granted is None
    one.upstream_lines = [(b"Content-Type", b"text/plain")]
    assert from_json(json.loads(json_line(one))).granted == Granted("")


def test_json_of_another_shape() -> None:
    record = {
        "http.request.method": 1,
        "url.path": None,
        "cors.kind": "preflight",
        "cors.asked.headers": [1, "a"],
        "http.response.status_code": "x",
    }
    seen = from_json(record)
    assert (seen.method, seen.path, seen.status, seen.origin) == ("", "", 0, None) and seen.asked == Asked(
        "", ("a",)
    )


def test_text() -> None:
    seen = from_text(text_line(exchange()).decode())
    assert seen is not None and (seen.method, seen.path, seen.origin, seen.status) == (
        "OPTIONS",
        "/a",
        APP,
        204,
    )
    assert seen.granted is None and from_text("something else") is None
