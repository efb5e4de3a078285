"""Which log a line is of."""

import json
from typing import Any

from . import proxy_log
from .seen import Seen


def read_line(line: str) -> Seen | None:
    """None where the line is of no log that is known."""
    if line.lstrip().startswith("{"):
        record = _object(line)
        if record is None:
            return None
        seen = proxy_log.from_json(record) if proxy_log.METHOD in record else None
    else:
        seen = proxy_log.from_text(line)
    return seen if seen is not None and seen.method and seen.path.startswith("/") else None


def _object(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
