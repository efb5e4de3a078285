"""From the evidence to a proposal: rules for all routes, and what is left for a person to confirm."""

from dataclasses import dataclass
from typing import Final

from .evidence import Evidence
from .groups import Group, cluster
from .left_out import Left, LeftOut
from .lookalike import imitations
from .paths import STAR, Template, pattern
from .proof import prove
from .rules import UNKNOWN, Rule, rules_of, senders_of_cookies
from .tally import Span

MAX_RULES: Final = 1_000


@dataclass(slots=True)
class Proposal:
    rules: list[Rule]
    left: list[Left]


def propose(evidence: Evidence) -> Proposal:
    groups = cluster(evidence.endpoints.values())
    proofs = [[prove(member) for member in group.members] for group in groups]
    proven: set[str] = set().union(*(proof.origins for each in proofs for proof in each))
    held = imitations(proven)
    cookies = senders_of_cookies(groups)
    left = LeftOut()
    rules: list[Rule] = []
    for group, of_members in zip(groups, proofs, strict=True):
        rules += rules_of(group, of_members, held, cookies, evidence.refused_to_probe, left)
    rules = _without_twins(rules, left)
    rules.sort(key=lambda rule: (rule.host, [(part == STAR, part) for part in rule.parts]))
    for rule in rules[MAX_RULES:]:
        left.add(pattern(rule.parts), f"the proposal has {MAX_RULES} routes", Span(rule.count))
    rules = rules[:MAX_RULES]
    rules = _shields(groups, rules) + rules
    rules.sort(key=lambda rule: (rule.host, [(part == STAR, part) for part in rule.parts]))
    for group in groups:
        _not_proposed(group, proven, left)
    used = {origin for endpoint in evidence.endpoints.values() for origin in endpoint.used()}
    for origin, span in evidence.unknown.items():
        if origin not in used:
            left.add(origin, UNKNOWN, span)
    for origin, span in evidence.sockets.items():
        left.add(origin, "opened WebSockets: a handshake has no CORS headers that would show a grant", span)
    return Proposal(rules, left.all())


def _not_proposed(group: Group, proven: set[str], left: LeftOut) -> None:
    where = pattern(group.parts)
    for member in group.members:
        if member.anyone:
            why = "the API allows every origin here: list the pages, or write this if it is public"
            left.add('origins: "*"', why, Span(member.anyone), where)
        for origin, span in member.refused.items():
            if span.count and origin not in member.origins() and origin not in proven:
                left.add(origin, "the API refused it", span, where)
        for origin, span in member.maybe_refused.items():
            if origin not in member.origins() and origin not in proven:
                left.add(origin, "the API answered it with an error", span, where)


def _without_twins(rules: list[Rule], left: LeftOut) -> list[Rule]:
    """Paths that differ only in case: an API may read both as one, so a policy cannot have both."""
    spelling: dict[tuple[str, Template], tuple[int, Template]] = {}
    for rule in rules:
        key = rule.host, tuple(part.lower() for part in rule.parts)
        spelling[key] = max(spelling.get(key, (-1, ())), (rule.count, rule.parts))
    kept = []
    for rule in rules:
        if spelling[rule.host, tuple(part.lower() for part in rule.parts)][1] == rule.parts:
            kept.append(rule)
        else:
            why = "it differs only in letter case from a path that is seen more often"
            left.add(pattern(rule.parts), why, Span(rule.count))
    return kept


def _shields(groups: list[Group], rules: list[Rule]) -> list[Rule]:
    """Paths below a `*` where the API refused an origin that the `*` would allow."""
    wide: dict[tuple[str, int], list[Rule]] = {}
    for rule in rules:
        if STAR in rule.parts and rule.origins:
            wide.setdefault((rule.host, len(rule.parts)), []).append(rule)
    own = {(rule.host, tuple(part.lower() for part in rule.parts)) for rule in rules}
    found: list[Rule] = []
    for group in groups:
        refused = {origin for member in group.members for origin in member.refused.keys() - member.origins()}
        key = group.host, tuple(part.lower() for part in group.parts)
        if key in own or not refused:
            continue
        if any(
            refused & rule.origins.keys() and _covers(rule.parts, group.parts)
            for rule in wide.get((group.host, len(group.parts)), ())
        ):
            own.add(key)
            found.append(Rule(group.host, group.parts))
    return found[:MAX_RULES]


def _covers(wide: Template, parts: Template) -> bool:
    return all(ours in (STAR, theirs) for ours, theirs in zip(wide, parts, strict=True))
