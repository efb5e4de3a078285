"""Envoy's configuration that asks over gRPC: what keeps it closed.  `python -m tests.engines` runs it."""

from typing import Any

import pytest
import yaml

from cors_proxy.engines.envoy_grpc import by_ext_authz, by_ext_proc
from cors_proxy.policy.addresses import parse_upstream
from cors_proxy.policy.read import parse_policy

POLICY = parse_policy("version: 1\ndecide: {listen: 127.0.0.1:9902, dialect: grpc}\n", "p", "")[0]


def bootstrap(configuration: Any) -> Any:
    assert POLICY.decide is not None
    text = configuration(
        POLICY, POLICY.decide, parse_upstream("http://api:3000"), "*:80", [POLICY.decide.listen]
    )
    return yaml.safe_load(text)["static_resources"]


def filters(configuration: Any) -> list[Any]:
    (listener,) = bootstrap(configuration)["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    return [each["typed_config"] for each in manager["http_filters"]]


@pytest.mark.parametrize("configuration", [by_ext_authz, by_ext_proc])
def test_it_fails_closed_and_in_time(configuration: Any) -> None:
    ask = filters(configuration)[0]
    assert ask["failure_mode_allow"] is False and ask["status_on_error"] == {"code": "ServiceUnavailable"}
    assert "2s" in (ask.get("message_timeout"), ask["grpc_service"].get("timeout"))


@pytest.mark.parametrize("configuration", [by_ext_authz, by_ext_proc])
def test_the_decider_is_asked_over_http2(configuration: Any) -> None:
    decider, api = bootstrap(configuration)["clusters"]
    ((options),) = decider["typed_extension_protocol_options"].values()
    assert options["explicit_http_config"] == {"http2_protocol_options": {}}
    assert "typed_extension_protocol_options" not in api


def test_the_processor_gets_the_head_of_each_request_and_says_whether_it_wants_the_response() -> None:
    ask = filters(by_ext_proc)[0]
    assert ask["allow_mode_override"] is True
    assert ask["processing_mode"] == {
        "request_header_mode": "SEND",
        "response_header_mode": "SKIP",
        "request_body_mode": "NONE",
        "response_body_mode": "NONE",
        "request_trailer_mode": "SKIP",
        "response_trailer_mode": "SKIP",
    }


def test_another_service_that_says_yes_is_not_believed() -> None:
    ask, carry, _ = filters(by_ext_authz)
    assert ask["encode_raw_headers"] is True
    script = carry["default_source_code"]["inline_string"]
    assert 'if answer(handle)["decision"] ~= "forward" then' in script
