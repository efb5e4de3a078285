"""What an engine has to carry is all that any grant can hold."""

from cors_proxy.cors.judge import judge
from cors_proxy.cors.request import read
from cors_proxy.engines.uses import ACTIVATE, AMP, GRANT, PREFLIGHT, TIMING, VARY, Uses
from cors_proxy.policy.read import parse_policy
from tests.casebook import cases
from tests.policy.reading import read as policy

DEBUG = "CORS-Proxy-Reason", "CORS-Proxy-Rule"


def test_every_line_and_every_member_of_vary_of_the_corpus_is_listed() -> None:
    known = {name.lower() for name in (*GRANT, *PREFLIGHT, *AMP, ACTIVATE, *DEBUG)}
    policies = {}
    for case in cases():
        if case.policy not in policies:
            text = f"{case.policy.text}upstream: http://a\n"
            policies[case.policy] = parse_policy(text, case.policy.name, "")[0]
        made = policies[case.policy]
        grant = judge(made.site, read(case.method, case.target, case.lines)).action.grant
        assert {name.decode().lower() for name, _ in grant.lines} <= known
        assert {name.decode() for name in grant.vary} <= set(VARY)
        uses = Uses(made)
        assert not grant.amp or uses.amp
        assert grant.timing is None or uses.timing
        assert not grant.storage_access or uses.storage_access
        assert not grant.expose_all or uses.exposing_all()
        assert not grant.hands_off or uses.hands_off


def test_what_some_routes_remove() -> None:
    assert Uses(policy("")).conditional == []
    text = (
        "routes: [{path: /a, amp: {publisher: https://a.example}}, {path: /t, cors: {timing: '*'}},"
        " {path: /s, cors: {storage_access: retry, credentials: true}}]\n"
    )
    assert Uses(policy(text)).conditional == [*AMP, TIMING, ACTIVATE]
