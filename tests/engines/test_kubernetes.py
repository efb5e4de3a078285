"""The resources of Kubernetes.  No cluster runs them here: their shape is all that is tested."""

import pytest
import yaml

from cors_proxy.engines.envoy_grpc import EXT_PROC, by_ext_proc
from cors_proxy.engines.kubernetes import envoy_gateway, istio, service
from cors_proxy.policy.addresses import parse_upstream
from cors_proxy.policy.model import Address, Decide
from cors_proxy.policy.read import parse_policy

DECIDE = Decide(Address("cors-proxy.infra", 9902), "grpc")


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("cors-proxy", ("cors-proxy", "default")),
        ("cors-proxy.infra", ("cors-proxy", "infra")),
        ("cors-proxy.infra.svc.cluster.local", ("cors-proxy", "infra")),
        ("10.0.0.1", ("", "")),
        ("::1", ("", "")),
        ("", ("", "")),
    ],
)
def test_the_name_of_a_service(host: str, found: tuple[str, str]) -> None:
    assert service(Address(host, 9902)) == found


def test_istio() -> None:
    resource = yaml.safe_load(istio(DECIDE.listen))
    assert (resource["apiVersion"], resource["kind"]) == ("networking.istio.io/v1alpha3", "EnvoyFilter")
    (patch,) = resource["spec"]["configPatches"]
    assert patch["applyTo"] == "HTTP_FILTER" and patch["patch"]["operation"] == "INSERT_FIRST"
    settings = patch["patch"]["value"]["typed_config"]
    assert settings["@type"] == EXT_PROC and settings["failure_mode_allow"] is False
    assert settings["message_timeout"] == "2s"
    # The target may be changed (AMP), which Envoy allows; method and host may not.
    assert "mutation_rules" not in settings
    cluster = settings["grpc_service"]["envoy_grpc"]["cluster_name"]
    assert cluster == "outbound|9902||cors-proxy.infra.svc.cluster.local"


def test_the_filter_for_istio_is_the_one_that_runs_in_envoy() -> None:
    (patch,) = yaml.safe_load(istio(DECIDE.listen))["spec"]["configPatches"]
    policy = parse_policy("version: 1\ndecide: {listen: 127.0.0.1:1, dialect: grpc}\n", "p", "")[0]
    text = by_ext_proc(policy, DECIDE, parse_upstream("http://api"), "*:80", [DECIDE.listen])
    (listener,) = yaml.safe_load(text)["static_resources"]["listeners"]
    filters = listener["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"]
    own, other = filters[0]["typed_config"], patch["patch"]["value"]["typed_config"]
    assert own | {"grpc_service": ""} == other | {"grpc_service": ""}


def test_envoy_gateway() -> None:
    resource = yaml.safe_load(envoy_gateway(DECIDE.listen))
    assert resource["apiVersion"] == "gateway.envoyproxy.io/v1alpha1"
    assert resource["kind"] == "EnvoyExtensionPolicy"
    (asks,) = resource["spec"]["extProc"]
    assert asks["backendRefs"] == [{"name": "cors-proxy", "namespace": "infra", "port": 9902}]
    assert asks["failOpen"] is False and asks["messageTimeout"] == "2s"
    assert asks["processingMode"] == {"request": {}, "response": {}}
