"""Which log a line is of."""

import json
from typing import Any, Final

from . import json_log, proxy_log, text_log
from .seen import Seen


def read_line(line: str) -> Seen | None:
    """None where the line is of no log that is known."""
    if line.lstrip().startswith("{"):
        record = _object(line)
        if record is None:
            return None
        own = proxy_log.METHOD in record
        seen = proxy_log.from_json(record) if own else json_log.from_json(record)
    else:
        seen = proxy_log.from_text(line) or text_log.from_text(line)
    return seen if seen is not None and seen.method and seen.path.startswith("/") else None


def _object(line: str) -> dict[str, Any] | None:
    """None also where a name stands twice: a visitor may have written the second one, where a server
    does not escape what it logs."""
    try:
        record = _DECODER.decode(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique)
