"""The files that make an engine ask: their names and texts."""

from collections.abc import Sequence
from typing import Final

from ..policy.model import Address, Decide, Policy, Upstream
from . import caddy, envoy, envoy_bootstrap, envoy_grpc, haproxy, kubernetes, nginx, traefik
from .names import CADDY, ENVOY, ENVOY_GATEWAY, ENVOY_GRPC, ENVOY_PROC, HAPROXY, ISTIO, NGINX, TRAEFIK

# Those of Kubernetes know where requests go, and find the deciders by the name of a Service.
OF_KUBERNETES: Final = (ISTIO, ENVOY_GATEWAY)
ENGINES: Final = (NGINX, HAPROXY, ENVOY, ENVOY_GRPC, ENVOY_PROC, *OF_KUBERNETES, CADDY, TRAEFIK)
_ENVOYS: Final = {
    ENVOY: envoy.configuration,
    ENVOY_GRPC: envoy_grpc.by_ext_authz,
    ENVOY_PROC: envoy_grpc.by_ext_proc,
}


def files(
    engine: str,
    policy: Policy,
    decide: Decide,
    upstream: Upstream,
    listen: str,
    deciders: Sequence[Address] = (),
) -> dict[str, str]:
    """By name.  `deciders`: where the engine asks; () for `decide.listen`."""
    asked = deciders or (decide.listen,)
    if engine == NGINX:
        return {nginx.FILE: nginx.configuration(policy, decide, upstream, listen, asked)}
    if engine == CADDY:
        return {caddy.FILE: caddy.configuration(policy, decide, upstream, listen, asked)}
    if engine == TRAEFIK:
        return traefik.files(policy, decide, upstream, listen, asked)
    if engine == ISTIO:
        return {kubernetes.ISTIO_FILE: kubernetes.istio(asked[0])}
    if engine == ENVOY_GATEWAY:
        return {kubernetes.GATEWAY_FILE: kubernetes.envoy_gateway(asked[0])}
    if engine in _ENVOYS:
        return {envoy_bootstrap.FILE: _ENVOYS[engine](policy, decide, upstream, listen, asked)}
    return {
        haproxy.FILE: haproxy.configuration(policy, upstream, listen, asked),
        haproxy.LUA_FILE: haproxy.script(decide, listen, asked),
    }
