"""The files for each engine."""

import re

import pytest

from cors_proxy.engines.glue import ENGINES, OF_KUBERNETES, files
from cors_proxy.engines.names import DIALECTS, TRAEFIK
from cors_proxy.policy.addresses import parse_upstream
from cors_proxy.policy.read import parse_policy


@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine not in OF_KUBERNETES])
@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("127.0.0.1:9902", ("127.0.0.1", "9902")),
        ("'[::1]:9902'", ("::1", "9902")),
        ("unix:/run/decide.sock", ("/run/decide.sock",)),
    ],
)
@pytest.mark.parametrize(
    ("upstream", "there"),
    [
        ("http://api:3000", ("api", "3000")),
        ("https://api.example/v1", ("api.example", "/v1")),
        ("unix:/run/api.sock", ("/run/api.sock",)),
    ],
)
def test_they_name_both_sides(
    engine: str, address: str, named: tuple[str, ...], upstream: str, there: tuple[str, ...]
) -> None:
    if engine == TRAEFIK and upstream.startswith("unix:"):
        return  # the command refuses it
    text = f"version: 1\ndecide: {{listen: {address}, dialect: {DIALECTS[engine]}}}\n"
    policy = parse_policy(text, "p", "")[0]
    assert policy.decide is not None
    together = "".join(files(engine, policy, policy.decide, parse_upstream(upstream), "10.9.8.7:81").values())
    assert all(part in together for part in (*named, *there, "10.9.8.7", "81"))
    assert ("/v1" in together) == ("/v1" in there)
    assert not re.search("@[A-Z]+@", together)  # no placeholder is left


@pytest.mark.parametrize("engine", OF_KUBERNETES)
def test_those_of_kubernetes_name_the_service_alone(engine: str) -> None:
    policy = parse_policy("version: 1\ndecide: {listen: decider.infra:9902, dialect: grpc}\n", "p", "")[0]
    assert policy.decide is not None
    (text,) = files(engine, policy, policy.decide, parse_upstream("http://api:3000"), "*:80").values()
    assert "decider" in text and "infra" in text and "9902" in text and "api:3000" not in text
