"""What is around the filters of an Envoy."""

import yaml

from cors_proxy.engines.envoy_bootstrap import bootstrap, indented
from cors_proxy.policy.addresses import parse_upstream
from cors_proxy.policy.read import parse_policy


def test_the_path_that_is_asked_about_is_the_one_that_is_forwarded() -> None:
    policy = parse_policy("version: 1\ndecide: {listen: 127.0.0.1:1}\n", "p", "")[0]
    assert policy.decide is not None
    text = bootstrap(
        "envoy-http",
        policy,
        policy.decide,
        parse_upstream("https://api.example/v1"),
        "*:80",
        [policy.decide.listen],
        "",
    )
    resources = yaml.safe_load(text)["static_resources"]
    manager = resources["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    assert manager["normalize_path"] is False and manager["merge_slashes"] is False
    assert manager["path_with_escaped_slashes_action"] == "KEEP_UNCHANGED"
    (route,) = manager["route_config"]["virtual_hosts"][0]["routes"]
    assert route["route"]["regex_rewrite"]["substitution"] == "/v1"
    assert resources["clusters"][1]["transport_socket"]["typed_config"]["sni"] == "api.example"


def test_a_script() -> None:
    assert indented("a\n\n  b\n") == f"{' ' * 18}a\n\n{' ' * 20}b"
