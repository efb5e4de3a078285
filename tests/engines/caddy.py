"""Caddy with what `glue` writes for it."""

from pathlib import Path

from cors_proxy.engines.caddy import FILE, configuration
from cors_proxy.policy.model import Policy

from . import binary

MAIN = f"""{{
	admin off
	persist_config off
	auto_https off
}}
import {FILE}
"""


def setup(policy: Policy, listen: str, folder: Path) -> list[str]:
    assert policy.decide is not None
    upstream = policy.forwarding[-1].upstream
    Path(folder, FILE).write_text(configuration(policy, policy.decide, upstream, listen))
    Path(folder, "Caddyfile").write_text(MAIN)
    return [binary("caddy"), "run", "--config", "Caddyfile", "--adapter", "caddyfile"]
