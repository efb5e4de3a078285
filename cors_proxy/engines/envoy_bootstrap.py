"""The bootstrap of an Envoy in front of the API: everything but the filters that ask."""

import json
from typing import Final

from ..cors.names import HOP_BY_HOP, READABLE_ANYWAY, UNREADABLE
from ..policy.model import Address, Decide, Endpoint, Policy, Upstream
from .uses import claims

FILE: Final = "envoy.yaml"
LUA: Final = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"
# In Lua: what `expose: "*"` with credentials does not name.
UNEXPOSED: Final = ", ".join(
    sorted(f'["{name.decode("ascii")}"] = true' for name in READABLE_ANYWAY | UNREADABLE | HOP_BY_HOP)
)
_MANAGER: Final = (
    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
)
_ROUTER: Final = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
_UPSTREAM_TLS: Final = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
_HTTP_OPTIONS: Final = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_HTTP2: Final = f"""\
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": {_HTTP_OPTIONS}
        explicit_http_config: {{http2_protocol_options: {{}}}}
    # Each request of a client is one of these. Above the default of 1024 at once Envoy refuses them.
    circuit_breakers: {{thresholds: [{{max_requests: 100000, max_pending_requests: 100000}}]}}
"""


def bootstrap(
    engine: str, policy: Policy, decide: Decide, upstream: Upstream, listen: str, filters: str
) -> str:
    """A whole bootstrap, to be merged with your own.  `filters`: those before the router."""
    timeouts = policy.server.timeouts
    host, _, port = listen.rpartition(":")
    base = upstream.base.decode("ascii")
    rewrite = (
        f"\n                  regex_rewrite: {{pattern: {{regex: '^'}}, substitution: {base}}}"
        if base
        else ""
    )
    return f"""\
# Written by: cors-proxy glue --for {engine}
static_resources:
  listeners:
  - address: {_socket("0.0.0.0" if host == "*" else host.strip("[]"), port)}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": {_MANAGER}
          stat_prefix: cors_proxy
          upgrade_configs: [{{upgrade_type: websocket}}]
          http_protocol_options: {{accept_http_10: true}}
          # The API asks for the body. Else Envoy would, before the policy has refused the request.
          proxy_100_continue: true
          request_headers_timeout: {_seconds(timeouts.request_header)}
          stream_idle_timeout: {_seconds(timeouts.response_idle)}
          # The policy reads paths itself; nothing may change between the ask and the API.
          normalize_path: false
          merge_slashes: false
          path_with_escaped_slashes_action: KEEP_UNCHANGED
          route_config:
            virtual_hosts:
            - name: api
              domains: ["*"]
{_removed(policy)}\
              routes:
              - match: {{prefix: "/"}}
                route:
                  cluster: api
                  timeout: {_seconds(timeouts.response)}{rewrite}
          http_filters:
{filters}\
          - name: envoy.filters.http.router
            typed_config:
              "@type": {_ROUTER}
              suppress_envoy_headers: true
  clusters:
  - name: cors_proxy
    connect_timeout: 1s
    type: {"STATIC" if decide.listen.path else "STRICT_DNS"}
{_HTTP2 if decide.dialect == "grpc" else ""}\
{_endpoints("cors_proxy", [_decider(decide.listen)])}\
  - name: api
    connect_timeout: {_seconds(timeouts.connect)}
    type: {"STATIC" if all(each.path for each in upstream.endpoints) else "STRICT_DNS"}
{_endpoints("api", [_address(each) for each in upstream.endpoints])}\
{_tls(upstream)}"""


def _removed(policy: Policy) -> str:
    names = ", ".join(claims(policy))
    return f"              request_headers_to_remove: [{names}]\n" if names else ""


def _endpoints(name: str, addresses: list[str]) -> str:
    lines = "".join(f"      - endpoint: {{address: {address}}}\n" for address in addresses)
    return (
        f"    load_assignment:\n      cluster_name: {name}\n      endpoints:\n      - lb_endpoints:\n"
        + "".join(f"        {line}\n" for line in (one.strip() for one in lines.splitlines()))
    )


def _decider(address: Address) -> str:
    return _pipe(address.path) if address.path else _socket(address.host, address.port)


def _address(endpoint: Endpoint) -> str:
    return _pipe(endpoint.path) if endpoint.path else _socket(endpoint.host, endpoint.port)


def _pipe(path: str) -> str:
    return f"{{pipe: {{path: {json.dumps(path)}}}}}"


def _socket(host: str, port: int | str) -> str:
    return f'{{socket_address: {{address: "{host}", port_value: {port}}}}}'


def _tls(upstream: Upstream) -> str:
    if not upstream.tls:
        return ""
    return f"""\
    transport_socket:
      name: envoy.transport_sockets.tls
      typed_config:
        "@type": {_UPSTREAM_TLS}
        sni: {upstream.endpoints[0].host}
        common_tls_context:
          validation_context:
            trusted_ca: {{filename: /etc/ssl/certs/ca-certificates.crt}}
            match_typed_subject_alt_names:
            - {{san_type: DNS, matcher: {{exact: {upstream.endpoints[0].host}}}}}
"""


def _seconds(seconds: float) -> str:
    return f"{seconds:g}s"


def indented(text: str) -> str:
    """A script in a filter's configuration."""
    return "\n".join(f"                  {line}".rstrip() for line in text.splitlines())
