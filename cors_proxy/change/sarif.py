"""A comparison as SARIF 2.1.0, which code hosts show beside the lines of a pull request.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""

from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from .. import __version__
from ..cors.place import Place
from . import phrases
from .compare import Comparison
from .findings import Finding, Level
from .settings import Setting
from .witness import witness_of

Json = dict[str, Any]
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_RULES: Final = {
    "danger": ("error", "Pages may newly read as the user, or anybody may."),
    "new-access": ("warning", "Somebody may do what was refused before."),
    "less-access": ("note", "Somebody may no longer do what was allowed before."),
    "other": ("note", "Answers differ, and nobody's access."),
    "setting": ("note", "A setting differs that decides about no request."),
    "gave-up": ("error", "There may be more differences: the policies have too many combinations."),
}
_OF_LEVEL: Final = {
    Level.DANGER: "danger",
    Level.ACCESS: "new-access",
    Level.LOSS: "less-access",
    Level.OTHER: "other",
}


def as_sarif(comparison: Comparison, name: str) -> Json:
    """`name` is the new policy's file."""
    start = Place(name, 1, 1)
    results = [_finding(comparison, finding, name) for finding in comparison.findings]
    results += [_setting(setting, start) for setting in comparison.settings]
    if comparison.gave_up:
        results.append(_result("gave-up", f"Gave up: {comparison.gave_up}.", [start], []))
    rules = [
        {"id": rule, "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}
        for rule, (level, text) in _RULES.items()
    ]
    driver = {"name": "cors-proxy", "semanticVersion": __version__, "rules": rules}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _finding(comparison: Comparison, finding: Finding, name: str) -> Json:
    lines = [
        f"{phrases.title(finding)}.",
        f"Routes: {phrases.routes(finding.routes)}.",
        *phrases.changes(finding),
    ]
    if finding.witness is not None:
        witness = witness_of(finding.witness, comparison.new, name)
        lines += [f"Before: {witness.before}", f"After: {witness.after}", witness.explain, witness.curl]
    old, new = finding.lines
    return _result(_OF_LEVEL[finding.level], "\n".join(lines), list(new) or [Place(name, 1, 1)], list(old))


def _setting(setting: Setting, start: Place) -> Json:
    related = [] if setting.old is None else [setting.old]
    return _result("setting", f"{phrases.setting_line(setting)}.", [setting.new or start], related)


def _result(rule: str, text: str, places: list[Place], related: list[Place]) -> Json:
    found: Json = {
        "ruleId": rule,
        "ruleIndex": list(_RULES).index(rule),
        "level": _RULES[rule][0],
        "message": {"text": text},
        "locations": [_location(place) for place in places[:10]],
        "partialFingerprints": {"finding/v1": sha256(f"{rule} {text.splitlines()[0]}".encode()).hexdigest()},
    }
    if related:
        found["relatedLocations"] = [
            {"id": number, **_location(place), "message": {"text": "before the change"}}
            for number, place in enumerate(related[:10])
        ]
    return found


def _location(place: Place) -> Json:
    region = {"startLine": max(1, place.line), "startColumn": max(1, place.column)}
    return {"physicalLocation": {"artifactLocation": {"uri": quote(place.file)}, "region": region}}
