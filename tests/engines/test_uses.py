"""What an engine has to carry is all that any grant can hold."""

import pytest

from cors_proxy.cors.judge import judge
from cors_proxy.cors.request import read
from cors_proxy.engines.glue import OF_KUBERNETES, files
from cors_proxy.engines.names import DIALECTS, TRAEFIK
from cors_proxy.engines.uses import ACTIVATE, AMP, BODY, GRANT, PREFLIGHT, TIMING, VARY, Uses, claims
from cors_proxy.policy.addresses import parse_upstream
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


@pytest.mark.parametrize("engine", DIALECTS)
def test_no_engine_passes_on_what_a_client_claims_and_each_tells_of_the_body(engine: str) -> None:
    for text, some in (("", True), ("server: {trusted_proxies: [10.0.0.0/8]}\n", False)):
        decide = f"decide: {{listen: 127.0.0.1:1, dialect: {DIALECTS[engine]}}}\n"
        made = policy(decide + text)
        assert made.decide is not None and bool(claims(made)) is some
        if engine not in OF_KUBERNETES:
            written = "".join(files(engine, made, made.decide, parse_upstream("http://a"), "*:80").values())
            # Traefik has removed the others already.
            wanted = claims(made)[:1] if engine == TRAEFIK else claims(made)
            assert all(name in written for name in wanted) and ("X-Real-IP" in written) is (
                some and engine != TRAEFIK
            )
            # Envoy's services over gRPC get all headers anyway.
            assert DIALECTS[engine] == "grpc" or BODY.lower() in written.lower()


def test_what_some_routes_remove() -> None:
    assert Uses(policy("")).conditional == []
    text = (
        "routes: [{path: /a, amp: {publisher: https://a.example}}, {path: /t, cors: {timing: '*'}},"
        " {path: /s, cors: {storage_access: retry, credentials: true}}]\n"
    )
    assert Uses(policy(text)).conditional == [*AMP, TIMING, ACTIVATE]
