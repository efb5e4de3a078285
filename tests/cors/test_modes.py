import pytest

from cors_proxy.cors.decision import Answer, Decision, Forward, Grant, Refuse
from cors_proxy.cors.literals import Kind
from cors_proxy.cors.modes import act, names_rule
from cors_proxy.cors.reason import Reason

from .sites import site

GRANT = Grant(((b"Access-Control-Allow-Origin", b"https://app.example"),))
DECISIONS: list[Decision] = [
    Forward(Reason.ORIGIN_ALLOWED, "request", None, GRANT, target=b"/x"),
    Refuse(Reason.METHOD_NOT_ALLOWED, "request", None, GRANT, target=b"/x"),
    Refuse(Reason.ORIGIN_NOT_ALLOWED, "websocket", None, GRANT),
    Answer(Reason.PREFLIGHT_ALLOWED, "preflight", None, GRANT),
    Refuse(Reason.ORIGIN_NOT_ALLOWED, "preflight", None, GRANT),
]
ROW_ONE = [
    Refuse(reason, "request", status=400)
    for reason in (Reason.REPEATED_HEADER, Reason.HEADER_BYTES, Reason.AMBIGUOUS_PATH)
]
ROW_ONE.append(Refuse(Reason.HOST_NOT_ALLOWED, "preflight", status=421))


@pytest.mark.parametrize("decision", [*DECISIONS, *ROW_ONE])
def test_enforce_does_what_was_decided(decision: Decision) -> None:
    rules = site("mode: enforce")
    assert act(rules, rules.default, decision) is decision


@pytest.mark.parametrize("decision", DECISIONS)
def test_headers_forwards_refusals_without_a_grant(decision: Decision) -> None:
    rules = site("mode: headers\ncors: {origins: [https://app.example]}")
    action = act(rules, rules.default, decision)
    if isinstance(decision, Refuse) and decision.kind != "preflight":
        assert isinstance(action, Forward)
        assert (action.grant, action.reason, action.target) == (
            rules.default.grant_for_anyone,
            decision.reason,
            decision.target,
        )
        assert not action.grant.lines
    else:
        assert action is decision


@pytest.mark.parametrize("decision", DECISIONS)
def test_report_forwards_everything_as_it_came(decision: Decision) -> None:
    rules = site("mode: report")
    action = act(rules, rules.default, decision)
    assert isinstance(action, Forward) and action.grant.hands_off and action.target is None
    assert (action.reason, action.kind) == (decision.reason, decision.kind)


@pytest.mark.parametrize("decision", ROW_ONE)
@pytest.mark.parametrize(("policy", "counted_only"), [
    ("mode: headers", False),
    ("mode: report", True),
    ("mode: report\nroutes: [{path: /x, cors: off}]", True),
    ("mode: report\nroutes: [{path: /x, mode: enforce}]", False),
    ("mode: report\nroutes: [{path: /x, mode: headers}]", False),
    ("routes: [{path: /x, mode: report}]", False),
])  # fmt: skip
def test_row_one_holds_unless_all_is_a_dry_run(decision: Refuse, policy: str, counted_only: bool) -> None:
    rules = site(policy)
    for route in (*rules.routes, rules.default):
        action = act(rules, route, decision)
        assert isinstance(action, Forward) and action.grant.hands_off if counted_only else action is decision


@pytest.mark.parametrize(("policy", "preflight", "request_"), [
    ("", False, False),
    ("server: {debug: true}", True, True),
    ("server: {debug: true}\ncors: {preflight: {refusal: bare}}", False, True),
])  # fmt: skip
def test_who_is_told_the_rule(policy: str, preflight: bool, request_: bool) -> None:
    rules = site(policy)
    kinds: dict[Kind, bool] = {"preflight": preflight, "request": request_, "websocket": request_}
    for kind, told in kinds.items():
        assert names_rule(rules, rules.default, Refuse(Reason.ORIGIN_NOT_ALLOWED, kind)) is told
