"""What was decided once is found again, by everything that it depends on, and within bounds."""

from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.compile import compile_site
from cors_proxy.cors.decide import decide
from cors_proxy.cors.decision import Decision
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.request import JudgedHeaders, Request
from cors_proxy.policy.read import parse_policy

from .sites import request, site
from .strategies import thorough

POLICY = "hosts: [api.example]\ncors: {origins: ['https://app.example', 'https://*.apps.example'], methods: [GET, PUT], headers: [X-A]}\n"
SPEC = parse_policy(f"version: 1\nupstream: http://127.0.0.1:1\n{POLICY}", "policy.yaml", "")[0].spec
RULES = compile_site(SPEC)


def fresh(asked: Request) -> Decision:
    rules = compile_site(SPEC)
    return decide(rules, rules.match(asked)[0], asked, None)


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
    route, fault = RULES.match(asked)
    first, second = (decide(RULES, route, asked, fault) for _ in range(2))
    assert alike(first, fresh(asked)) and second is first


def test_it_is_bounded() -> None:
    rules = site(POLICY)
    for number in range(5000):
        asked = request(Origin=f"https://{number}.apps.example")
        assert decide(rules, rules.default, asked, None).reason is Reason.ORIGIN_ALLOWED
    assert 0 < len(rules.cache) <= 2048
    rules.cache.clear()
    long = request(
        "OPTIONS",
        Origin="https://app.example",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="x" * 1100,
    )
    assert decide(rules, rules.default, long, None).reason is Reason.HEADER_NOT_ALLOWED
    assert not rules.cache, "a long one is not kept"


def test_nothing_is_remembered_of_what_depends_on_the_target() -> None:
    rules = site("routes: [{path: /amp, amp: {publisher: https://pub.example, source_origin: check}}]")
    for source, reason in (
        ("https://pub.example", Reason.ORIGIN_ALLOWED),
        ("https://evil.example", Reason.AMP_SOURCE_ORIGIN),
    ):
        asked = request(target=f"/amp?__amp_source_origin={source}", Origin="https://pub.example")
        route, fault = rules.match(asked)
        assert decide(rules, route, asked, fault).reason is reason
    assert not rules.cache


def test_what_is_ambiguous_is_not_remembered() -> None:
    rules = site(POLICY)
    asked = Request(b"GET", b"/r", JudgedHeaders(b"api.example"))
    assert decide(rules, rules.default, asked, Reason.AMBIGUOUS_PATH).reason is Reason.AMBIGUOUS_PATH
    assert decide(rules, rules.default, asked, None).reason is Reason.NO_ORIGIN
