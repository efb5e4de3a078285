"""Compares two policies: who may newly do what, and who may no longer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..policy.model import Policy
from .differences import find_differences
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
    return Comparison(
        old,
        new,
        tuple(findings_of(differences)),
        tuple(settings_of(differences)),
        differences.requests,
        differences.gave_up,
        differences.feeds,
    )
