"""The files for each engine."""

import pytest

from cors_proxy.engines.glue import ENGINES, files
from cors_proxy.policy.addresses import parse_upstream
from cors_proxy.policy.read import parse_policy


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("address", ["127.0.0.1:9902", "'[::1]:9902'", "unix:/run/decide.sock"])
@pytest.mark.parametrize("upstream", ["http://api:3000", "https://api.example/v1", "unix:/run/api.sock"])
def test_they_name_both_sides(engine: str, address: str, upstream: str) -> None:
    text = f"version: 1\ndecide: {{listen: {address}, dialect: forwarded}}\n"
    policy = parse_policy(text, "p", "")[0]
    assert policy.decide is not None
    made = files(engine, policy, policy.decide, parse_upstream(upstream), "*:80")
    together = "".join(made.values())
    assert address.strip("'").removeprefix("unix:") in together
    assert upstream.partition("/v1")[0].rpartition("//")[2].removeprefix("unix:") in together
    assert ("/v1" in together) == ("/v1" in upstream) and "*:80" in together
    assert "@" not in together.replace("@cors_proxy_refused", "").replace("unix@", "").replace(
        "@system-ca", ""
    )
