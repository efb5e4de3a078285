"""Envoy's configuration: what keeps it closed.  `python -m tests.engines` runs it."""

from typing import Any

import yaml

from cors_proxy.cors.request import ONCE
from cors_proxy.engines.envoy import configuration
from cors_proxy.policy.addresses import parse_upstream
from cors_proxy.policy.read import parse_policy


def filters(more: str = "") -> list[Any]:
    policy = parse_policy(f"version: 1\ndecide: {{listen: 127.0.0.1:1}}\n{more}", "p", "")[0]
    assert policy.decide is not None
    text = configuration(
        policy, policy.decide, parse_upstream("http://api:3000"), "*:80", [policy.decide.listen]
    )
    (listener,) = yaml.safe_load(text)["static_resources"]["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    return [each["typed_config"] for each in manager["http_filters"]]


def lua(settings: Any) -> str:
    return str(settings["default_source_code"]["inline_string"])


def test_what_the_client_sends_in_the_answers_names_is_removed_before_the_ask() -> None:
    clean, ask, carry, _ = filters()
    response = ask["http_service"]["authorization_response"]
    for each in response["allowed_upstream_headers"]["patterns"]:
        assert f'"{each["exact"]}"' in lua(clean).partition("\n")[0]
        assert f'"{each["exact"]}"' in lua(carry).partition("\n")[0]


def test_it_fails_closed() -> None:
    _, ask, carry, _ = filters()
    assert ask["failure_mode_allow"] is False
    assert ask["http_service"]["server_uri"]["timeout"] == "2s"
    assert 'if headers:get("cors-proxy-decision") ~= "forward" then' in lua(carry)


def test_repeated_lines_are_refused_unless_all_is_a_dry_run() -> None:
    assert all(f'"{name.decode()}"' in lua(filters()[0]) for name in ONCE)
    assert "local ONCE = {  }" in lua(filters("mode: report\n")[0])
