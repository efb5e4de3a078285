"""The files that make an engine ask: their names and texts."""

from typing import Final

from ..policy.model import Decide, Policy, Upstream
from . import caddy, envoy, envoy_bootstrap, envoy_grpc, haproxy, nginx
from .losses import CADDY, ENVOY, ENVOY_GRPC, ENVOY_PROC, HAPROXY, NGINX

ENGINES: Final = (NGINX, HAPROXY, ENVOY, ENVOY_GRPC, ENVOY_PROC, CADDY)
_ENVOYS: Final = {
    ENVOY: envoy.configuration,
    ENVOY_GRPC: envoy_grpc.by_ext_authz,
    ENVOY_PROC: envoy_grpc.by_ext_proc,
}


def files(engine: str, policy: Policy, decide: Decide, upstream: Upstream, listen: str) -> dict[str, str]:
    """By name."""
    if engine == NGINX:
        return {nginx.FILE: nginx.configuration(policy, decide, upstream, listen)}
    if engine == CADDY:
        return {caddy.FILE: caddy.configuration(policy, decide, upstream, listen)}
    if engine in _ENVOYS:
        return {envoy_bootstrap.FILE: _ENVOYS[engine](policy, decide, upstream, listen)}
    return {
        haproxy.FILE: haproxy.configuration(policy, upstream, listen),
        haproxy.LUA_FILE: haproxy.script(decide),
    }
