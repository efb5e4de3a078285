"""A comparison as annotations of a GitHub workflow, at the lines of the new policy."""

from typing import Final

from ..annotation import Severity, annotation
from ..cors.place import Place
from . import phrases
from .compare import Comparison
from .findings import Level

_SEVERITIES: Final[dict[Level, Severity]] = {
    Level.DANGER: "error",
    Level.ACCESS: "warning",
    Level.LOSS: "notice",
    Level.OTHER: "notice",
}


def as_annotations(comparison: Comparison, name: str) -> str:
    """`name` is the new policy's file, for what stands on no line of it."""
    lines = [
        annotation(
            _SEVERITIES[finding.level],
            finding.lines[1][0] if finding.lines[1] else Place(name, 1, 1),
            f"cors-proxy: {finding.level.value}",
            f"{phrases.title(finding)}; routes: {phrases.routes(finding.routes)}",
        )
        for finding in comparison.findings
    ]
    lines += [
        annotation(
            "notice", setting.new or Place(name, 1, 1), "cors-proxy: setting", phrases.setting_line(setting)
        )
        for setting in comparison.settings
    ]
    if comparison.gave_up:
        text = f"gave up: {comparison.gave_up}"
        lines.append(annotation("error", Place(name, 1, 1), "cors-proxy", text))
    return "".join(lines)
