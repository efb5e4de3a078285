"""A comparison as one JSON document."""

from typing import Any

from ..cors.place import Place
from . import phrases
from .compare import Comparison
from .findings import Crossing, Finding, Part
from .settings import Setting
from .witness import witness_of

Json = dict[str, Any]


def document(comparison: Comparison, old: str, new: str) -> Json:
    """Dicts, lists and scalars.  `old` and `new` are the names of the policies."""
    return {
        "old": old,
        "new": new,
        "equal": comparison.equal,
        "opens": comparison.opens,
        "gave_up": comparison.gave_up,
        "findings": [_finding(comparison, finding, new) for finding in comparison.findings],
        "feeds": dict(comparison.feeds),
        "settings": [_setting(setting) for setting in comparison.settings],
    }


def _finding(comparison: Comparison, finding: Finding, name: str) -> Json:
    found: Json = {
        "level": finding.level.value,
        "title": phrases.title(finding),
        "key": finding.cause.key,
        "routes": [_crossing(crossing) for crossing in finding.routes],
        "old": [_place(place) for place in finding.lines[0]],
        "new": [_place(place) for place in finding.lines[1]],
        "parts": [_part(part) for part in finding.parts],
        "differs": [
            {"what": what, "before": before, "after": after} for what, before, after in finding.changed
        ],
    }
    if finding.witness is not None:
        witness = witness_of(finding.witness, comparison.new, name)
        found["witness"] = {
            "request": witness.request,
            "before": witness.before,
            "after": witness.after,
            "explain": witness.explain,
            "curl": witness.curl,
        }
    return found


def _part(part: Part) -> Json:
    return {
        "who": list(part.who),
        "ability": part.ability.value,
        "methods": list(part.methods),
        "of": list(part.of),
        "routes": [_crossing(crossing) for crossing in part.routes],
    }


def _crossing(crossing: Crossing) -> Json:
    return {"old": crossing.old, "new": crossing.new, "path": crossing.path, "host": crossing.host}


def _setting(setting: Setting) -> Json:
    return {
        "key": setting.key,
        "before": setting.before,
        "after": setting.after,
        "old": None if setting.old is None else _place(setting.old),
        "new": None if setting.new is None else _place(setting.new),
        "routes": list(setting.routes),
    }


def _place(place: Place) -> Json:
    return {"file": place.file, "line": place.line, "column": place.column}
