"""The proposal for the page: what `cors-proxy learn -c POLICY` prints, from what was seen.

`routes` imports this module on the first request, as it does `explainer`.
"""

from typing import Any

from ...explain.change import PolicyText
from ...learn.additions import add_to, additions_lines
from ...learn.evidence import Evidence
from ...learn.notes import notes
from ...learn.policy_text import policy_text
from ...learn.proposal import propose
from ...policy.model import Policy
from ...policy.problems import PolicyProblems


def proposed_for(
    policy: Policy, source: PolicyText | None, evidence: Evidence, overflow: list[str]
) -> dict[str, Any]:
    """`text`, and `requests`: how many it comes from.

    It is a diff of the policy, or a new policy where the present one has no text to change.
    `report`: whether a route tells anything.  `overflow` says what was not kept.
    """
    proposal, told = propose(evidence), notes(evidence) + overflow
    text = ""
    if source is not None:
        try:
            added = add_to(source, [rule for rule in proposal.rules if rule.origins])
            text = "\n".join(additions_lines(added, proposal.left, told, source.name)) + "\n"
        except PolicyProblems:
            overflow = [*overflow, "The policy file has errors now: this is a new policy."]
    if not text:
        upstream = next(
            (url for route in policy.forwarding for url in route.upstream.urls), "http://localhost"
        )
        text = policy_text(proposal, upstream, told)
    routes = (*policy.spec.routes, policy.spec.default)
    return {
        "text": text,
        "requests": evidence.requests,
        "report": any(route.mode == "report" for route in routes),
        "overflow": overflow,
    }
