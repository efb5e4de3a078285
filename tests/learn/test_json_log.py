"""Lines as the servers write them, by the formats of docs/learning.md."""

import json
from typing import Any

import pytest

from cors_proxy.learn.json_log import common_time, from_json
from cors_proxy.learn.seen import Asked, Granted

from .records import APP

NGINX = {
    "time": "2026-11-29T03:10:00+00:00", "request_method": "GET", "request_uri": "/items?token=secret", "status": 200,
    "http_host": "api.example.com", "http_origin": APP, "sent_http_access_control_allow_origin": APP,
    "sent_http_access_control_allow_credentials": "true", "sent_http_access_control_expose_headers": "X-Total, Link",
}  # fmt: skip
APACHE = {
    "time": "29/Nov/2026:03:10:00 +0000",
    "request": "GET /items?x HTTP/1.1",
    "status": "200",
    "host": "api.example.com",
    "origin": APP,
    "access_control_allow_origin": "-",
}
ENVOY = {
    "start_time": "2026-11-29T03:10:00.000Z",
    "method": "GET",
    "path": "/items",
    "response_code": 200,
    "authority": "api.example.com",
    "origin": APP,
    "resp_access_control_allow_origin": None,
}
TRAEFIK = {
    "StartUTC": "x",
    "time": "2026-11-29T03:10:00Z",
    "RequestMethod": "GET",
    "RequestPath": "/items?x",
    "DownstreamStatus": 200,
    "RequestHost": "api.example.com",
    "request_Origin": APP,
    "origin_Access-Control-Allow-Origin": APP,
    "downstream_Access-Control-Allow-Origin": "*",
}
CADDY = {
    "ts": 1795921800.5, "status": 200, "size": 3,
    "request": {"method": "GET", "host": "api.example.com", "uri": "/items?x", "headers": {"Origin": [APP], "Cookie": ["REDACTED"]}},
    "resp_headers": {"Access-Control-Allow-Origin": [APP], "Content-Type": ["text/plain"]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("record", "granted", "cookie"),
    [
        (NGINX, Granted(APP, True, expose=("X-Total", "Link")), None),
        (APACHE, Granted(""), None),
        (ENVOY, Granted(""), None),
        (TRAEFIK, Granted(APP), None),
        (CADDY, Granted(APP), True),
        (CADDY | {"resp_headers": {}}, Granted(""), True),
        (NGINX | {"http_cookie": "a=b"}, Granted(APP, True, expose=("X-Total", "Link")), True),
    ],
)
def test_lines_of_servers(record: dict[str, Any], granted: Granted, cookie: bool | None) -> None:
    seen = from_json(json.loads(json.dumps(record)))
    assert seen is not None and (seen.method, seen.path, seen.origin, seen.host, seen.status) == (
        "GET",
        "/items",
        APP,
        "api.example.com",
        200,
    )
    assert seen.granted == granted and seen.cookie is cookie and seen.time.startswith("2026-11-29T03:10:00")
    assert "secret" not in repr(seen)


def test_without_the_field_nothing_is_known() -> None:
    seen = from_json({key: value for key, value in NGINX.items() if "allow_origin" not in key})
    assert seen is not None and seen.granted is None


def test_preflights() -> None:
    asked = {
        "request_method": "OPTIONS",
        "http_access_control_request_method": "PUT",
        "http_access_control_request_headers": "X-A, x-b",
    }
    seen = from_json(
        NGINX
        | asked
        | {
            "sent_http_access_control_allow_methods": "GET,PUT",
            "sent_http_access_control_allow_headers": "x-a",
        }
    )
    assert seen is not None and seen.asked == Asked("PUT", ("x-a", "x-b"))
    assert (
        seen.granted is not None
        and seen.granted.methods == ("GET", "PUT")
        and seen.granted.headers == ("x-a",)
    )


def test_options_of_which_the_log_does_not_tell_what_they_ask() -> None:
    seen = from_json(NGINX | {"request_method": "OPTIONS"})
    assert seen is not None and seen.asked is None and seen.granted is None


@pytest.mark.parametrize("more", [{"http_upgrade": "WebSocket"}, {"status": 101}])
def test_sockets(more: dict[str, Any]) -> None:
    seen = from_json(NGINX | more)
    assert seen is not None and seen.websocket


@pytest.mark.parametrize(
    "record",
    [{}, {"request": "x"}, {"request": {"method": "GET"}}, {"method": {"a": {"a": {"a": {"a": {"a": 1}}}}}}],
)
def test_other_records(record: dict[str, Any]) -> None:
    assert from_json(record) is None


@pytest.mark.parametrize("text", ["", "29/Xxx/2026:03:10:00 +0000", "99999999999999999999", "2026"])
def test_times_of_another_form(text: str) -> None:
    assert common_time(text) == ""
    seen = from_json(NGINX | {"time": text})
    assert seen is not None and seen.time == ""
