"""A line of the access log, JSON or text, as a question: the log holds neither query nor header lines, and says so here."""

import json
import re
from dataclasses import replace
from typing import Any, Final

from ..cors.escape import LIMIT
from ..policy.model import Policy
from .question import ask
from .recorded import Recorded

_TEXT: Final = re.compile(
    r"\S+ (?:\d+|---) (?P<method>\S+) (?P<path>\S+) origin=(?P<origin>\S+) \w+: (?P<reason>[a-z-]+)?(?: \((?P<detail>[^)]*)\))?"
)
_FIELDS: Final = {
    "method": "http.request.method",
    "path": "url.path",
    "origin": "http.request.header.origin",
    "host": "server.address",
    "scheme": "url.scheme",
    "kind": "cors.kind",
    "reason": "cors.reason",
    "detail": "cors.detail",
}


def read_line(policy: Policy, line: str) -> Recorded:
    """ValueError where it is no line of the access log."""
    line = line.strip()
    fields = _json(line) if line.startswith("{") else _text(line)
    path, host = fields.get("path", ""), fields.get("host", "")
    if not path.startswith("/"):
        raise ValueError(f"no line of the access log: {line[:80]!r}")
    scheme = fields.get("scheme", "")
    kind, reason, detail = fields.get("kind", ""), fields.get("reason", ""), fields.get("detail", "")
    if kind == "websocket":
        scheme = {"https": "wss"}.get(scheme, "ws")
    where = f"{scheme or 'http'}://{host}{path}" if host else path
    unknown = [
        "the log holds no query and no header lines: neither what the page sets nor its credentials are known"
    ]
    if max(map(len, (path, fields.get("origin", "")))) >= LIMIT:
        unknown.append(f"a value of {LIMIT} characters may have been cut")
    method, headers, preflight = fields.get("method", "GET"), [], kind == "preflight"
    if preflight:
        method = detail if reason == "method-not-allowed" and detail else "POST"
        headers = [detail] if reason == "header-not-allowed" and detail else []
        if not detail:
            unknown.append(
                "the log holds not what a preflight asks for: a POST that needs one stands in for it"
            )
    question = ask(policy, where, fields.get("origin"), method, headers, upload_listener=preflight)
    if reason == "cross-site":
        question = replace(question, headers=((b"Sec-Fetch-Site", b"cross-site"),))
    return Recorded(f"{fields.get('method', '')} {path}", question, tuple(unknown), reason)


def _json(line: str) -> dict[str, str]:
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError(f"no line of the access log: {line[:80]!r}") from None
    return {key: found[name] for key, name in _FIELDS.items() if isinstance(found.get(name), str)}


def _text(line: str) -> dict[str, str]:
    match = _TEXT.match(line)
    if match is None:
        raise ValueError(f"no line of the access log: {line[:80]!r}")
    fields = {key: value for key, value in match.groupdict().items() if value is not None}
    if fields["origin"] == "-":
        del fields["origin"]
    return fields
