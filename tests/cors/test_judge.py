"""A decision that was made once is found again, by everything that it depends on."""

from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.compile import compile_site
from cors_proxy.cors.decide import decide
from cors_proxy.cors.decision import Decision, Refuse
from cors_proxy.cors.judge import judge
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.request import Request
from cors_proxy.policy.read import parse_policy

from .sites import request, site
from .strategies import thorough

POLICY = "hosts: [api.example]\ncors: {origins: ['https://app.example', 'https://*.apps.example'], methods: [GET, PUT], headers: [X-A]}\n"
SPEC = parse_policy(f"version: 1\nupstream: http://127.0.0.1:1\n{POLICY}", "policy.yaml", "")[0].spec
RULES = compile_site(SPEC)


def fresh(asked: Request) -> Decision:
    """What `decide` says without any cache."""
    route, path_fault = RULES.match(asked)
    return decide(RULES, route, asked, path_fault)


def alike(one: Decision, other: Decision) -> bool:
    return (type(one), one.reason, one.kind, one.grant, one.detail) == (
        type(other),
        other.reason,
        other.kind,
        other.grant,
        other.detail,
    )


lines = {
    "Origin": st.sampled_from(
        [
            None,
            "https://app.example",
            "https://a.apps.example",
            "https://evil.example",
            "null",
            "https://api.example",
        ]
    ),
    "Access_Control_Request_Method": st.sampled_from([None, "GET", "PUT", "DELETE"]),
    "Access_Control_Request_Headers": st.sampled_from([None, "x-a", "x-b"]),
    "Sec_Fetch_Site": st.sampled_from([None, "same-origin", "cross-site"]),
    "Upgrade": st.sampled_from([None, "websocket"]),
}


@thorough
@given(
    st.sampled_from(["GET", "PUT", "OPTIONS", "DELETE"]),
    st.sampled_from(["api.example", "other.example"]),
    st.fixed_dictionaries(lines),
)
def test_what_is_remembered_is_what_would_be_decided(
    method: str, host: str, said: dict[str, str | None]
) -> None:
    asked = request(method, "/r", host, **{name: value for name, value in said.items() if value is not None})
    first, second = (judge(RULES, asked).decision for _ in range(2))
    assert alike(first, fresh(asked)) and second is first


def test_nothing_is_remembered_of_what_depends_on_the_target() -> None:
    rules = site("routes: [{path: /amp, amp: {publisher: https://pub.example, source_origin: check}}]")
    for source, reason in (
        ("https://pub.example", Reason.ORIGIN_ALLOWED),
        ("https://evil.example", Reason.AMP_SOURCE_ORIGIN),
    ):
        asked = request(target=f"/amp?__amp_source_origin={source}", Origin="https://pub.example")
        assert judge(rules, asked).decision.reason is reason
    assert not rules.cache


def test_what_is_ambiguous_is_not_remembered() -> None:
    rules = site(POLICY)
    assert judge(rules, request(target="/a//b")).decision.reason is Reason.AMBIGUOUS_PATH
    assert not rules.cache
    assert judge(rules, request(target="/a/b")).decision.reason is Reason.NO_ORIGIN


def test_a_judgement_holds_the_route_the_decision_and_what_the_mode_makes_of_it() -> None:
    rules = site("routes: [{name: trial, path: /t, mode: report, cors: {origins: [https://app.example]}}]")
    judged = judge(rules, request(target="/t", Origin="https://evil.example"))
    assert judged.route.name == "trial" and isinstance(judged.decision, Refuse)
    assert judged.action.reason is Reason.ORIGIN_NOT_ALLOWED and judged.action.grant.hands_off
    enforced = judge(rules, request(Origin="https://evil.example"))
    assert enforced.route is rules.default and enforced.action is enforced.decision
