"""nginx's configuration: what keeps it closed.  `python -m tests.engines` runs it."""

import pytest

from cors_proxy.engines.nginx import configuration
from cors_proxy.policy.addresses import parse_upstream
from cors_proxy.policy.read import parse_policy


def text(headers: str = "x-original", more: str = "") -> str:
    decide = f"decide: {{listen: 127.0.0.1:1, dialect: forwarded, headers: {headers}}}\n"
    policy = parse_policy(f"version: 1\n{decide}{more}", "p", "")[0]
    assert policy.decide is not None
    return configuration(
        policy, policy.decide, parse_upstream("http://api:3000"), "8080", [policy.decide.listen]
    )


@pytest.mark.parametrize(
    ("headers", "lines"),
    [
        (
            "x-original",
            ["X-Original-Method $request_method", "X-Original-URI $request_uri", "Host $http_host"],
        ),
        (
            "x-forwarded",
            [
                "X-Forwarded-Method $request_method",
                "X-Forwarded-Uri $request_uri",
                "X-Forwarded-Host $http_host",
                "Host cors-proxy",
            ],
        ),
    ],
)
def test_an_ask_describes_the_request_and_replaces_what_the_client_sent(
    headers: str, lines: list[str]
) -> None:
    ask = text(headers).partition("location = /_cors_proxy_ask {")[2].partition("}")[0]
    for line in lines:
        assert ask.count(f"proxy_set_header {line};") == 1


def test_only_a_decision_leads_to_the_api() -> None:
    made = text()
    assert "map $cp_decision $cp_to {\n    forward cp_api;\n    default cp_nobody;" in made
    assert made.count("http://$cp_to$cp_target;") == 2 and "http://cp_api" not in made
    for location in made.split("    location ")[1:]:
        # From outside only `/` can be reached, which always asks; those with @ come after the answer.
        name = location.partition(" {")[0]
        assert ("auth_request off;" in location) == (name not in ("/", "@cors_proxy_too_large")), name
        assert "$cp_to" not in location or name in ("@cors_proxy_forward", "@cors_proxy_hands_off"), name
    assert "try_files /none @cors_proxy_$cp_way;" in made
    for timeout in ("proxy_connect_timeout 1s", "proxy_read_timeout 2s"):
        assert timeout in made


def test_no_header_of_cors_passes_but_by_the_grant() -> None:
    made = text(more="cors: {timing: '*'}\n")
    for name in ("Access-Control-Allow-Origin", "Access-Control-Max-Age", "Timing-Allow-Origin"):
        assert made.count(f"proxy_hide_header {name};") == 1
    assert "Timing-Allow-Origin" not in text()
