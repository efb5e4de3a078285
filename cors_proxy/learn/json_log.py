"""A line of a JSON access log of nginx, Apache, Envoy, Traefik or Caddy.

The first four let their user choose names, so each field has several.  Names are compared in lower
case, with `_` for everything that is no letter or digit, and objects are flattened: Caddy's
`{"request": {"headers": {"Origin": […]}}}` is `request_headers_origin`.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from .seen import Asked, Granted, Seen

_MAX_DEPTH: Final = 4
_NAMES: Final = {
    "method": ("request_method", "requestmethod", "method", "http_method", "verb"),
    "target": ("request_uri", "requestpath", "uri", "path", "url", "request_path", "x_envoy_original_path"),
    "line": ("request", "request_line"),  # GET /items HTTP/1.1
    "status": ("status", "downstreamstatus", "response_code", "status_code", "response_status", "code"),
    "origin": ("http_origin", "request_origin", "request_headers_origin", "req_origin", "origin"),
    "host": ("http_host", "requesthost", "request_host", "authority", "vhost", "server_name", "host"),
    "time": ("time_iso8601", "starttimeutc", "start_time", "timestamp", "time", "ts", "time_local"),
    "cookie": ("http_cookie", "request_cookie", "request_headers_cookie"),
    "upgrade": ("http_upgrade", "request_upgrade", "request_headers_upgrade"),
}  # fmt: skip
# What the API said comes before what a server in front of it made of that.
_BEFORE: Final = (
    "upstream_http_",
    "origin_",
    "resp_headers_",
    "downstream_",
    "sent_http_",
    "response_",
    "resp_",
    "",
)
_ASKED: Final = ("http_", "request_headers_", "request_", "req_", "")
_ALLOW: Final = "access_control_allow_"
_OTHER: Final = re.compile(r"[^a-z0-9]+")


def from_json(record: dict[str, Any]) -> Seen | None:
    """None where the record has no method and path."""
    fields: dict[str, str] = {}
    _flatten(record, "", fields, 0)
    found = {key: _first(fields, names) or "" for key, names in _NAMES.items()}
    method, target = found["method"], found["target"]
    if not method or not target:
        parts = found["line"].split(" ")
        if len(parts) < 2:
            return None
        method, target = parts[:2]
    origin = found["origin"] or None
    requested = _first(fields, [f"{before}access_control_request_method" for before in _ASKED])
    asked = None
    if method == "OPTIONS" and origin is not None and requested:
        names = _first(fields, [f"{before}access_control_request_headers" for before in _ASKED]) or ""
        asked = Asked(requested, tuple(name.lower() for name in _members(names)))
    status = int(found["status"]) if re.fullmatch(r"\d{3}", found["status"]) else 0
    granted = _granted(fields, caddy=isinstance(record.get("resp_headers"), dict))
    if method == "OPTIONS" and asked is None:
        granted = None  # a preflight, perhaps: the log does not tell what it asks for
    headers = record.get("request")
    cookie_known = bool(found["cookie"]) or (isinstance(headers, dict) and "headers" in headers)
    return Seen(
        method,
        target.partition("?")[0],
        origin,
        found["host"],
        _time(found["time"]),
        status,
        asked,
        found["upgrade"].lower() == "websocket" or status == 101,
        granted,
        bool(found["cookie"]) if cookie_known else None,
    )


def _flatten(value: Any, name: str, fields: dict[str, str], depth: int) -> None:
    """A missing value (null, "-") is there, and empty.  The first of equal names counts."""
    if isinstance(value, dict) and depth < _MAX_DEPTH:
        for key, each in value.items():
            part = _OTHER.sub("_", str(key).lower()).strip("_")
            _flatten(each, f"{name}_{part}" if name else part, fields, depth + 1)
    elif isinstance(value, list):
        fields.setdefault(name, ", ".join(each for each in value if isinstance(each, str)))
    elif isinstance(value, bool) or value is None:
        fields.setdefault(name, "")
    elif isinstance(value, str | int | float):
        text = str(value)
        fields.setdefault(name, "" if text == "-" else text)


def _first(fields: dict[str, str], names: list[str] | tuple[str, ...]) -> str | None:
    """The value of the first name that is there; None where none is."""
    return next((fields[name] for name in names if name in fields), None)


def _granted(fields: dict[str, str], caddy: bool) -> Granted | None:
    """None where the log does not tell: without the field, no answer is known to lack the header.

    Caddy writes all headers of a response, so there a missing one is missing.
    """

    def value(name: str) -> str | None:
        return _first(fields, [f"{before}{name}" for before in _BEFORE])

    origin = value(f"{_ALLOW}origin")
    if origin is None and not caddy:
        return None
    return Granted(
        origin or "",
        value(f"{_ALLOW}credentials") == "true",
        _members(value(f"{_ALLOW}methods") or ""),
        _members(value(f"{_ALLOW}headers") or ""),
        _members(value("access_control_expose_headers") or ""),
    )


def _members(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (member.strip() for member in text.split(","))))


def _time(text: str) -> str:
    """As ISO 8601, from the seconds of Caddy and nginx too; "" where it is another form."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d[T ].{1,24}", text):
        return text
    if re.fullmatch(r"\d{9,11}(\.\d{1,9})?", text):
        return datetime.fromtimestamp(float(text), UTC).isoformat()
    return common_time(text)


_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(4096)
def common_time(text: str) -> str:
    """`29/Nov/2026:03:10:00 +0000` as ISO 8601; "" where it is another form."""
    found = re.fullmatch(r"(\d\d)/(\w{3})/(\d{4}):(\d\d:\d\d:\d\d) [+-]\d{4}", text)
    if found is None or found[2] not in _MONTHS:
        return ""
    return f"{found[3]}-{_MONTHS.index(found[2]) + 1:02}-{found[1]}T{found[4]}"
