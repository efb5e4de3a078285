"""Compares two policies: who may newly do what, and who may no longer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..policy.model import Policy
from .differences import Differences, find_differences
from .findings import Finding, findings_of
from .settings import Setting, settings_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """`findings` are about requests, the dangerous ones first; `settings` about all else.

    `gave_up` says why findings may be missing, or is "".  `requests` are those that were judged
    under both policies.  `feeds` has the origins that stand for what a feed lists, and the feed of
    each."""

    old: Policy
    new: Policy
    findings: tuple[Finding, ...]
    settings: tuple[Setting, ...]
    requests: int
    gave_up: str = ""
    feeds: Mapping[str, str] = field(default_factory=dict)

    @property
    def equal(self) -> bool:
        """Whether both policies mean the same."""
        return not (self.findings or self.settings or self.gave_up)

    @property
    def opens(self) -> bool:
        """Whether somebody may do what was refused before."""
        return any(finding.level.opens for finding in self.findings)


def compare(old: Policy, new: Policy) -> Comparison:
    """Every difference between two policies that were read."""
    differences = find_differences(old, new)
    findings = findings_of(differences)
    return Comparison(
        old,
        new,
        tuple(findings),
        tuple(settings_of(differences)),
        differences.requests,
        differences.gave_up,
        _mentioned(differences, findings),
    )


def _mentioned(differences: Differences, findings: Iterable[Finding]) -> dict[str, str]:
    """The origins that stand for a feed; and of those that stand for several, the ones that are
    shown."""
    shown = {name for finding in findings for part in finding.parts for name in part.who}
    for finding in findings:
        if finding.witness is not None and finding.witness.case.request.origin is not None:
            shown.add(finding.witness.case.request.origin.decode("latin-1"))
    return {
        origin: feed
        for origin, feed in differences.feeds.items()
        if len(differences.listed[origin]) == 1 or origin in shown
    }
