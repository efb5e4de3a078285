"""HAProxy with what `glue` writes for it."""

from collections.abc import Sequence
from pathlib import Path

from cors_proxy.engines.haproxy import FILE
from cors_proxy.policy.model import Address, Policy

from . import binary
from .running import write


def setup(policy: Policy, listen: str, folder: Path, deciders: Sequence[Address] = ()) -> list[str]:
    write("haproxy", policy, listen, folder, deciders)
    return [binary("haproxy"), "-f", FILE]
