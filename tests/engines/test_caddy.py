"""Caddy's configuration: what keeps it closed.  `python -m tests.engines` runs it."""

import pytest

from cors_proxy.engines.caddy import configuration
from cors_proxy.policy.addresses import parse_upstream
from cors_proxy.policy.read import parse_policy


def site(headers: str = "x-forwarded", more: str = "") -> str:
    decide = f"decide: {{listen: 127.0.0.1:1, dialect: forwarded, headers: {headers}}}\n"
    policy = parse_policy(f"version: 1\n{decide}{more}", "p", "")[0]
    assert policy.decide is not None
    return configuration(
        policy, policy.decide, parse_upstream("http://api:3000"), "*:80", [policy.decide.listen]
    )


@pytest.mark.parametrize(
    ("headers", "lines"),
    [
        (
            "x-original",
            ["X-Original-Method {method}", "X-Original-URI {uri}", "Host {hostport}"],
        ),
        (
            "x-forwarded",
            ["X-Forwarded-Method {method}", "X-Forwarded-Uri {uri}", "X-Forwarded-Host {hostport}"],
        ),
    ],
)
def test_an_ask_describes_the_request_and_replaces_what_the_client_sent(
    headers: str, lines: list[str]
) -> None:
    ask = site(headers).partition("@forward {")[0]
    assert "method GET" in ask and all(ask.count(f"header_up {line}\n") == 1 for line in lines)


def test_only_a_decision_leads_to_the_api() -> None:
    made = site()
    forward = "@forward {\n\t\t\tstatus 200\n\t\t\theader CORS-Proxy-Decision forward\n\t\t}\n"
    assert forward in made and "http://api:3000" not in made.partition(forward)[0]
    closed = "handle_response {\n\t\t\trespond 503\n"
    assert "http://api:3000" not in made.partition(closed)[2] and closed in made
    assert "dial_timeout 1s" in made and "response_header_timeout 2s" in made


def test_each_status_of_the_policy_is_an_answer() -> None:
    made = site(more="cors: {preflight: {status: 202}}\n")
    for status in (202, 400, 403, 421):
        assert f"replace_status @status{status} {status}\n" in made
