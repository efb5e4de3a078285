"""A line of the access log, JSON or text, as a question."""

import json
import re
from typing import Any, Final

from ..policy.model import Policy
from .logged import LoggedDecision, may_be_cut, rebuild
from .recorded import RecordedQuestion

# As `operate.access_log.text_line` writes it, and as it did before it named the client.
_TEXT_LINE: Final = re.compile(
    r"\S+ (?:\d+|---) (?P<method>\S+) (?P<path>\S+) origin=(?P<origin>\S+)(?: client=\S+)?"
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
    "asked_method": "cors.asked.method",
}


def read_line(policy: Policy, line: str) -> RecordedQuestion:
    """Raises ValueError where `line` is not of the access log."""
    line = line.strip()
    logged = _from_json(line) if line.startswith("{") else _from_text(line)
    if logged is None or not logged.path.startswith("/"):
        raise ValueError(f"not a line of the access log: {line[:80]!r}")
    return rebuild(policy, logged)


def _from_json(line: str) -> LoggedDecision | None:
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    fields = {key: record[name] for key, name in _FIELDS.items() if isinstance(record.get(name), str)}
    names = record.get("cors.asked.headers")
    whole = isinstance(names, list) and all(isinstance(name, str) for name in names)
    return _logged(fields, tuple(names) if whole else None, record.get("cors.asked.private_network") is True)


def text_fields(line: str) -> dict[str, str] | None:
    """What a line of text tells, by the names of `_TEXT_LINE`; None where it has another form."""
    match = _TEXT_LINE.match(line)
    if match is None:
        return None
    fields = {key: _unescaped(value) for key, value in match.groupdict().items() if value is not None}
    if fields["origin"] == "-":
        del fields["origin"]
    return fields


def _from_text(line: str) -> LoggedDecision | None:
    fields = text_fields(line)
    return None if fields is None else _logged(fields, None, False)


def _unescaped(value: str) -> str:
    """The values of a line of text are escaped as in JSON."""
    try:
        return str(json.loads(f'"{value}"'))
    except ValueError:
        return value


def _logged(fields: dict[str, str], names: tuple[str, ...] | None, network: bool) -> LoggedDecision:
    cut = tuple(key for key in ("path", "origin", "host") if may_be_cut(fields.get(key, "")))
    known = {"method": "GET", "path": ""} | fields
    return LoggedDecision(**known, asked_headers=names, asked_private_network=network, cut=cut)
