"""A line of this proxy's access log, JSON or text.

Under `mode: report` the JSON form has what the API itself granted (`cors.upstream.*`).  In the
other modes the API's own headers are not recorded, so nothing is known of what it would grant.
"""

from typing import Any

from ..explain.log_line import text_fields
from .seen import Asked, Granted, Seen

METHOD = "http.request.method"


def from_json(record: dict[str, Any]) -> Seen:
    """`record` has `METHOD`, or it is of another log."""
    kind, origin = _text(record, "cors.kind"), record.get("http.request.header.origin")
    asked = None
    if kind == "preflight":
        asked = Asked(
            _text(record, "cors.asked.method"),
            tuple(name.lower() for name in _texts(record, "cors.asked.headers")),
        )
    granted = None
    allow_origin = record.get("cors.upstream.allow_origin")
    if isinstance(allow_origin, str):
        granted = Granted(
            allow_origin,
            record.get("cors.upstream.allow_credentials") is True,
            _texts(record, "cors.upstream.allow_methods"),
            _texts(record, "cors.upstream.allow_headers"),
            _texts(record, "cors.upstream.expose_headers"),
        )
    status = record.get("http.response.status_code")
    return Seen(
        _text(record, METHOD),
        _text(record, "url.path"),
        origin if isinstance(origin, str) else None,
        _text(record, "server.address"),
        _text(record, "timestamp"),
        status if isinstance(status, int) else 0,
        asked,
        kind == "websocket",
        granted,
        None if granted is None else record.get("cors.cookie") is True,
    )


def from_text(line: str) -> Seen | None:
    """None where the line has another form."""
    fields = text_fields(line)
    if fields is None:
        return None
    time, status, *_ = line.split(maxsplit=2)
    return Seen(
        fields["method"],
        fields["path"],
        fields.get("origin"),
        time=time,
        status=int(status) if status.isdecimal() else 0,
    )


def _text(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""


def _texts(record: dict[str, Any], key: str) -> tuple[str, ...]:
    value = record.get(key)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
