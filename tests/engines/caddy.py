"""Caddy with what `glue` writes for it."""

from collections.abc import Sequence
from pathlib import Path

from cors_proxy.engines.caddy import FILE
from cors_proxy.policy.model import Address, Policy

from . import binary
from .running import write

MAIN = f"""{{
	admin off
	persist_config off
	auto_https off
}}
import {FILE}
"""


def setup(policy: Policy, listen: str, folder: Path, deciders: Sequence[Address] = ()) -> list[str]:
    write("caddy", policy, listen, folder, deciders)
    Path(folder, "Caddyfile").write_text(MAIN)
    return [binary("caddy"), "run", "--config", "Caddyfile", "--adapter", "caddyfile"]
