"""Traefik with what `glue` writes for it."""

from pathlib import Path

from cors_proxy.engines.traefik import STATIC_FILE, files
from cors_proxy.policy.model import Policy

from . import binary


def setup(policy: Policy, listen: str, folder: Path) -> list[str]:
    assert policy.decide is not None
    for name, text in files(policy, policy.decide, policy.forwarding[-1].upstream, listen).items():
        Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
        Path(folder, name).write_text(text)
    return [binary("traefik"), f"--configFile={STATIC_FILE}"]
