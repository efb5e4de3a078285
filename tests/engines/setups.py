"""The engines that the tests can run, by the name that `glue --for` takes."""

from typing import Final

from . import caddy, envoy, haproxy, nginx, traefik
from .running import Setup

SETUPS: Final[dict[str, Setup]] = {
    "nginx": nginx.setup,
    "haproxy": haproxy.setup,
    **envoy.SETUPS,
    "caddy": caddy.setup,
    "traefik": traefik.setup,
}
