"""Envoy with what `glue` writes for it."""

from pathlib import Path

from cors_proxy.engines.envoy import FILE, configuration
from cors_proxy.policy.model import Policy

from . import binary


def setup(policy: Policy, listen: str, folder: Path) -> list[str]:
    assert policy.decide is not None
    upstream = policy.forwarding[-1].upstream
    Path(folder, FILE).write_text(configuration(policy, policy.decide, upstream, listen))
    return [binary("envoy"), "-c", FILE, "--concurrency", "1", "-l", "warn", "--use-dynamic-base-id"]
