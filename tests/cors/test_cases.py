"""The corpus against the pure core."""

from functools import cache

import pytest

from cors_proxy.cors.decision import Answer, Forward, Refuse
from cors_proxy.cors.judge import judge
from cors_proxy.cors.request import read
from cors_proxy.cors.response import rewrite, strip
from cors_proxy.cors.site import Site
from cors_proxy.policy.read import parse_policy

from ..casebook import Case, Policy, cases, of_interest
from .sites import written

CASES = cases()
ROWS = {"0", "1", "421", "2", "2b", "2c", "3", "3b", "4", "5", "6", "7", "8", "9", "10", "11", "12"}


@cache
def site(policy: Policy) -> Site:
    return parse_policy(policy.text + "\nupstream: http://127.0.0.1:1\n", policy.name, "")[0].site


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_core(case: Case) -> None:
    rules = site(case.policy)
    request = read(case.method, case.target, case.lines)
    judged = judge(rules, request)
    decision, action = judged.decision, judged.action
    assert (action.reason.value, decision.reason.value) == (case.reason, case.reason)
    assert action.kind == decision.kind == kind(case)
    if case.verb == "forward":
        assert isinstance(action, Forward)
        assert (action.target or case.target) == case.upstream_target
        final = strip if case.upstream_status == 101 else lambda lines, grant: rewrite(grant, lines)
        lines = final(case.upstream_lines, action.grant)
        status = case.upstream_status
    else:
        assert isinstance(action, Answer if case.verb == "answer" else Refuse)
        lines, status = written(action.grant.local_bytes), action.status
    assert (status, of_interest(lines)) == (case.status, case.expected)


def kind(case: Case) -> str:
    names = {name.lower() for name, _ in case.lines}
    if case.method == b"OPTIONS" and {b"origin", b"access-control-request-method"} <= names:
        return "preflight"
    return "websocket" if b"upgrade" in names else "request"


def test_every_row_in_every_mode() -> None:
    for mode in ("enforce", "headers", "report"):
        assert {case.row for case in CASES if case.mode == mode} >= ROWS
