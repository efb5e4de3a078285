"""The files that make an engine ask: their names and texts."""

from typing import Final

from ..policy.model import Decide, Policy, Upstream
from . import caddy, envoy, haproxy, nginx
from .losses import CADDY, ENVOY, HAPROXY, NGINX

ENGINES: Final = (NGINX, HAPROXY, ENVOY, CADDY)


def files(engine: str, policy: Policy, decide: Decide, upstream: Upstream, listen: str) -> dict[str, str]:
    """By name."""
    if engine == NGINX:
        return {nginx.FILE: nginx.configuration(policy, decide, upstream, listen)}
    if engine == CADDY:
        return {caddy.FILE: caddy.configuration(policy, decide, upstream, listen)}
    if engine == ENVOY:
        return {envoy.FILE: envoy.configuration(policy, decide, upstream, listen)}
    return {
        haproxy.FILE: haproxy.configuration(policy, upstream, listen),
        haproxy.LUA_FILE: haproxy.script(decide),
    }
