"""Traefik with what `glue` writes for it."""

from collections.abc import Sequence
from pathlib import Path

from cors_proxy.engines.traefik import STATIC_FILE
from cors_proxy.policy.model import Address, Policy

from . import binary
from .running import write


def setup(policy: Policy, listen: str, folder: Path, deciders: Sequence[Address] = ()) -> list[str]:
    write("traefik", policy, listen, folder, deciders)
    return [binary("traefik"), f"--configFile={STATIC_FILE}"]
