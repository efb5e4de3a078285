"""Envoy with what `glue` writes for it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from cors_proxy.engines.envoy_bootstrap import FILE
from cors_proxy.policy.model import Address, Policy

from . import binary
from .running import Setup, write


def setup(
    engine: str, policy: Policy, listen: str, folder: Path, deciders: Sequence[Address] = ()
) -> list[str]:
    write(engine, policy, listen, folder, deciders)
    return [binary("envoy"), "-c", FILE, "--concurrency", "1", "-l", "warn", "--use-dynamic-base-id"]


SETUPS: dict[str, Setup] = {name: partial(setup, name) for name in ("envoy-http", "envoy-grpc", "envoy-proc")}
