"""Comparisons in tests."""

from cors_proxy.change.compare import Comparison, compare
from cors_proxy.change.findings import Finding
from cors_proxy.policy.read import parse_policy

HEAD = "version: 1\nupstream: http://api:3000\n"


def compared(before: str, after: str) -> Comparison:
    """Of two policies, old.yaml and new.yaml; what is written stands from line 3."""
    old, new = (
        parse_policy(HEAD + text, name, "")[0] for text, name in ((before, "old.yaml"), (after, "new.yaml"))
    )
    return compare(old, new)


def only(comparison: Comparison) -> Finding:
    (finding,) = comparison.findings
    return finding
