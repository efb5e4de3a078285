"""The configuration of Traefik: a local plugin asks, and writes the response's head.

`forwardAuth` can refuse, but it copies nothing of a yes to the client except cookies, and a preflight
needs a 2xx that is not a yes.  So it can neither grant nor answer a preflight (traefik/traefik#3660).
A local plugin is read from the folder beside the configuration, so nothing is downloaded:
https://plugins.traefik.io/create.  If Traefik cannot load it, the router does not exist: 404."""

from collections.abc import Sequence
from typing import Final

from ..policy.model import Address, Decide, Policy, Upstream
from .traefik_plugin import PLUGIN
from .uses import BODY, UNEXPOSED, claims

STATIC_FILE: Final = "traefik.yaml"
DYNAMIC_FILE: Final = "cors-proxy.yaml"
PLUGIN_FILE: Final = "plugins-local/src/corsproxy/corsproxy.go"
MANIFEST_FILE: Final = "plugins-local/src/corsproxy/.traefik.yml"
_DESCRIBED: Final = {
    "x-forwarded": ("X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host"),
    "x-original": ("X-Original-Method", "X-Original-Uri", "Host"),
}


def files(
    policy: Policy, decide: Decide, upstream: Upstream, listen: str, deciders: Sequence[Address]
) -> dict[str, str]:
    return {
        STATIC_FILE: _static(listen),
        DYNAMIC_FILE: _dynamic(policy, upstream),
        PLUGIN_FILE: _plugin(policy, decide, deciders),
        MANIFEST_FILE: _MANIFEST,
    }


def _static(listen: str) -> str:
    return f"""\
# Written by: cors-proxy glue --for traefik
# Traefik 3.6 or later.  Start it in this folder: it looks for plugins-local there.

entryPoints:
  cors_proxy:
    address: "{listen.removeprefix("*")}"
    http:
      # The path is checked as the client sent it.  The policy refuses ambiguous ones.
      sanitizePath: false
      encodedCharacters:
        allowEncodedSlash: true
        allowEncodedBackSlash: true
        allowEncodedNullCharacter: true
        allowEncodedSemicolon: true
        allowEncodedPercent: true
        allowEncodedQuestionMark: true
        allowEncodedHash: true
experimental:
  localPlugins:
    corsproxy:
      moduleName: corsproxy
providers:
  file:
    filename: {DYNAMIC_FILE}
"""


def _dynamic(policy: Policy, upstream: Upstream) -> str:
    timeouts = policy.server.timeouts
    base = upstream.base.decode("ascii")
    scheme = "https" if upstream.tls else "http"
    servers = "".join(
        f'          - url: "{scheme}://{Address(each.host, each.port)}"\n' for each in upstream.endpoints
    )
    prefix = f"    cors_proxy_base:\n      addPrefix:\n        prefix: {base}\n" if base else ""
    return f"""\
# Written by: cors-proxy glue --for traefik

http:
  routers:
    cors_proxy:
      rule: "PathPrefix(`/`)"
      # It must come first: those after it may see only what was decided.
      middlewares: [cors_proxy{", cors_proxy_base" if base else ""}]
      service: cors_proxy_api
  middlewares:
    cors_proxy:
      plugin:
        corsproxy: {{enabled: true}}
{prefix}\
  services:
    cors_proxy_api:
      loadBalancer:
        serversTransport: cors_proxy_api
        servers:
{servers}\
  serversTransports:
    cors_proxy_api:
      forwardingTimeouts:
        dialTimeout: {timeouts.connect:g}s
        responseHeaderTimeout: {timeouts.response:g}s
"""


def _plugin(policy: Policy, decide: Decide, deciders: Sequence[Address]) -> str:
    method, target, host = _DESCRIBED[decide.headers]
    found = [("unix", each.path) if each.path else ("tcp", str(each)) for each in deciders]
    return (
        PLUGIN.replace("@DECIDERS@", ", ".join(f'{{"{network}", "{where}"}}' for network, where in found))
        .replace("@METHOD@", method)
        .replace("@TARGET@", target)
        .replace("@HOST@", host)
        .replace("@BODY@", BODY)
        .replace("@CLAIMS@", ", ".join(f'"{name}"' for name in claims(policy) if name == "Forwarded"))
        .replace("@UNEXPOSED@", ", ".join(f'"{name}": true' for name in UNEXPOSED))
    )


_MANIFEST: Final = """\
displayName: cors-proxy
type: middleware
import: corsproxy
summary: Asks cors-proxy what the CORS policy says about each request.
testData:
  enabled: true
"""
