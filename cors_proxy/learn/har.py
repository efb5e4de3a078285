"""The requests in a browser's HAR file.  Nothing secret leaves this module: names, no values.

Browsers leave out preflights.  But a request that its page could read, with a method or header that
needs one, shows that its preflight passed: a browser had asked.
"""

import json
from collections.abc import Iterator
from typing import Any

from ..cors.fetch import normalise_method, unsafe_names
from ..cors.request_headers import parse
from ..explain.recorded import sort_header_lines
from .seen import Asked, Seen, granted_by


def read_har(content: str) -> Iterator[Seen]:
    """Raises ValueError where `content` is not a HAR file."""
    try:
        entries: Any = json.loads(content.removeprefix("\ufeff"))["log"]["entries"]
        yield from [seen for entry in entries if (seen := _seen(entry)) is not None]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a HAR file: {error!r}") from None


def _seen(entry: Any) -> Seen | None:
    request, response = entry["request"], entry.get("response") or {}
    scheme, _, rest = str(request["url"]).partition("://")
    if scheme.lower() not in ("http", "https"):
        return None
    host, slash, path = rest.partition("/")
    lines = sort_header_lines((str(each["name"]), str(each["value"])) for each in request["headers"])
    answer = [(str(each["name"]), str(each["value"])) for each in response.get("headers") or ()]
    method = normalise_method(str(request["method"]).encode("utf-8", "replace")).decode("utf-8")
    asked = None
    if method == "OPTIONS" and lines.origin is not None and lines.requested_method is not None:
        names = parse(lines.requested_headers) or []
        asked = Asked(lines.requested_method, tuple(name.decode("ascii") for name in names))
    status = response.get("status")
    status = status if isinstance(status, int) else 0
    return Seen(
        method,
        (slash + path).partition("?")[0].partition("#")[0] or "/",
        lines.origin,
        host.partition("?")[0].partition("#")[0].rpartition("@")[2],
        str(entry.get("startedDateTime", "")),
        status,
        asked,
        False,
        # Without a response there is nothing that the API granted.
        granted_by(answer) if status else None,
        lines.cookie or None,  # browsers may leave it out of the file
        None if asked else tuple(name.decode("utf-8", "replace") for name in unsafe_names(lines.page)),
    )
