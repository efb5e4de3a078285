"""A line of the access log, JSON or text, as a question.

The log holds neither the query nor the header lines, so they are reported as unknown.
"""

import json
import re
from dataclasses import replace
from typing import Any, Final

from ..cors.escape import LIMIT
from ..policy.model import Policy
from .question import parse_question
from .recorded import RecordedQuestion

# As `operate.access_log.text_line` writes it.
_TEXT_LINE: Final = re.compile(
    r"\S+ (?:\d+|---) (?P<method>\S+) (?P<path>\S+) origin=(?P<origin>\S+)"
    r" \w+: (?P<reason>[a-z-]+)?(?: \((?P<detail>[^)]*)\))?"
)
# As `operate.access_log.json_line` names them.
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


def read_line(policy: Policy, line: str) -> RecordedQuestion:
    """Raises ValueError where `line` is not of the access log."""
    line = line.strip()
    fields = _json_fields(line) if line.startswith("{") else _text_fields(line)
    path, host = fields.get("path", ""), fields.get("host", "")
    if not path.startswith("/"):
        raise ValueError(f"not a line of the access log: {line[:80]!r}")
    scheme = fields.get("scheme", "")
    kind, reason, detail = fields.get("kind", ""), fields.get("reason", ""), fields.get("detail", "")
    if kind == "websocket":
        scheme = {"https": "wss"}.get(scheme, "ws")
    where = f"{scheme or 'http'}://{host}{path}" if host else path
    unknown = [
        "the log holds no query and no header lines: the headers that the page set and its credentials"
        " mode are unknown"
    ]
    if max(map(len, (path, fields.get("origin", "")))) >= LIMIT:
        unknown.append(f"the log cuts values at {LIMIT} characters: the path or the origin may be longer")
    method, headers, preflight = fields.get("method", "GET"), [], kind == "preflight"
    if preflight:
        method = detail if reason == "method-not-allowed" and detail else "POST"
        headers = [detail] if reason == "header-not-allowed" and detail else []
        if not detail:
            unknown.append(
                "the log does not hold what the preflight asked for: a POST that needs a preflight"
                " stands for the request"
            )
    question = parse_question(policy, where, fields.get("origin"), method, headers, upload_listener=preflight)
    if reason == "cross-site":
        question = replace(question, headers=((b"Sec-Fetch-Site", b"cross-site"),))
    return RecordedQuestion(f"{fields.get('method', '')} {path}", question, tuple(unknown), reason)


def _json_fields(line: str) -> dict[str, str]:
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError(f"not a line of the access log: {line[:80]!r}") from None
    return {key: record[name] for key, name in _FIELDS.items() if isinstance(record.get(name), str)}


def _text_fields(line: str) -> dict[str, str]:
    match = _TEXT_LINE.match(line)
    if match is None:
        raise ValueError(f"not a line of the access log: {line[:80]!r}")
    fields = {key: value for key, value in match.groupdict().items() if value is not None}
    if fields["origin"] == "-":
        del fields["origin"]
    return fields
