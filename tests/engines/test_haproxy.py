"""HAProxy's configuration: what keeps it closed.  `python -m tests.engines` runs it."""

import pytest

from cors_proxy.engines.haproxy import configuration, script
from cors_proxy.policy.addresses import parse_upstream
from cors_proxy.policy.model import Address, Decide
from cors_proxy.policy.read import parse_policy

AT = Address("127.0.0.1", 1)
POLICY = parse_policy("version: 1\ndecide: {listen: 127.0.0.1:1, dialect: forwarded}\n", "p", "")[0]


def test_only_a_decision_leads_to_the_api() -> None:
    made = configuration(POLICY, parse_upstream("http://api:3000"), "*:80", [AT])
    ask, closed = made.index("http-request lua.cors_proxy_ask"), made.index("return status 503 unless")
    assert ask < closed < made.index("http-request set-uri")
    assert "return status 503 unless { var(txn.cp_decision) -m str forward }" in made
    assert 'if decision == "forward" and answer.status == 200 then' in script(Decide(AT), "*:80", [AT])


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        ("x-original", ("x-original-method", "x-original-uri", "host")),
        ("x-forwarded", ("x-forwarded-method", "x-forwarded-uri", "x-forwarded-host")),
    ],
)
def test_an_ask_describes_the_request_and_replaces_what_the_client_sent(
    headers: str, names: tuple[str, str, str]
) -> None:
    made = script(Decide(AT, "forwarded", headers), "*:80", [AT])
    for name, value in zip(names, ("txn.sf:method()", "txn.sf:pathq()", "host"), strict=True):
        assert f'headers["{name}"] = {{ {value} }}' in made


def test_tls_to_the_api_is_verified() -> None:
    made = configuration(POLICY, parse_upstream("https://api.example"), "*:80", [AT])
    assert "ssl verify required ca-file @system-ca sni str(api.example) verifyhost api.example" in made
