"""Envoy with what `glue` writes for it."""

from functools import partial
from pathlib import Path

from cors_proxy.engines.envoy_bootstrap import FILE
from cors_proxy.engines.glue import files
from cors_proxy.policy.model import Policy

from . import binary
from .running import Setup


def setup(engine: str, policy: Policy, listen: str, folder: Path) -> list[str]:
    assert policy.decide is not None
    made = files(engine, policy, policy.decide, policy.forwarding[-1].upstream, listen)
    Path(folder, FILE).write_text(made[FILE])
    return [binary("envoy"), "-c", FILE, "--concurrency", "1", "-l", "warn", "--use-dynamic-base-id"]


SETUPS: dict[str, Setup] = {name: partial(setup, name) for name in ("envoy-http", "envoy-grpc", "envoy-proc")}
