"""HAProxy with what `glue` writes for it."""

from pathlib import Path

from cors_proxy.engines.haproxy import FILE, LUA_FILE, configuration, script
from cors_proxy.policy.model import Policy

from . import binary


def setup(policy: Policy, listen: str, folder: Path) -> list[str]:
    assert policy.decide is not None
    upstream = policy.forwarding[-1].upstream
    Path(folder, LUA_FILE).write_text(script(policy.decide))
    Path(folder, FILE).write_text(configuration(policy, upstream, listen))
    return [binary("haproxy"), "-f", FILE]
