"""Tests of the proposed policy, for `cors-proxy test`: what it allows, and that it refuses others."""

import json
from collections.abc import Iterator
from typing import Final

from .paths import example, pattern
from .policy_text import spelled
from .proposal import Proposal
from .rules import Rule

FOREIGN: Final = "https://not-listed.invalid"  # RFC 2606: nobody gets this name
MAX_ORIGINS: Final = 3  # of one route
MAX_RULES: Final = 200


def cases_text(proposal: Proposal, foreign: bool = True) -> str:
    """The file, empty where there is nothing to test.  `foreign`: also that others are refused."""
    by_host = len({rule.host for rule in proposal.rules}) > 1
    lines = [line for rule in proposal.rules[:MAX_RULES] for line in _cases(rule, by_host, foreign)]
    if not lines:
        return ""
    head = "# Tests of the policy that cors-proxy learn proposed: cors-proxy test FILE -c POLICY"
    return "\n".join([head, "cases:", *lines]) + "\n"


def _cases(rule: Rule, by_host: bool, foreign: bool) -> Iterator[str]:
    where = (f"https://{rule.host}" if by_host and rule.host else "") + example(rule.parts)
    origins, methods = list(rule.origins), list(rule.methods)
    asked = [(origins[0], method) for method in methods] if origins else []
    asked += [(origin, methods[0]) for origin in origins[1:MAX_ORIGINS]]
    for origin, method in asked:
        yield from _case(rule, f"{origin} may {method} {pattern(rule.parts)}", origin, method, where, True)
    if not foreign:
        return
    method = methods[0] if methods else "GET"
    name = f"another origin may not {method} {pattern(rule.parts)}"
    yield from _case(rule, name, FOREIGN, method, where, False)


def _case(rule: Rule, name: str, origin: str, method: str, where: str, allow: bool) -> Iterator[str]:
    yield f"  - name: {json.dumps(name)}"
    yield f"    origin: {json.dumps(origin)}"
    yield f"    request: {json.dumps(f'{method} {where}')}"
    if allow and rule.headers:
        yield f"    send: {json.dumps([spelled(name) for name in sorted(rule.headers)])}"
    if allow and rule.credentials:
        yield "    credentials: true"
    yield f"    expect: {'allow' if allow else 'refuse'}"
