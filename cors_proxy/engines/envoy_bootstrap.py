"""The bootstrap of an Envoy in front of the API: everything but the filters that ask."""

import json
from collections.abc import Sequence
from typing import Final

from ..policy.model import Address, Decide, Endpoint, Policy, Upstream
from .uses import claims

FILE: Final = "envoy.yaml"
LUA: Final = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"
# In Lua, where `removed` and `present` are tables by name.
REMOVE: Final = """\
  for name in pairs(headers) do
    present[name] = true
  end
  for name in pairs(present) do
    if removed[name] or name:sub(1, 15) == "access-control-" then
      headers:remove(name)
      present[name] = nil
    end
  end
"""
_MANAGER: Final = (
    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
)
_ROUTER: Final = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
_UPSTREAM_TLS: Final = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
_HTTP_OPTIONS: Final = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_OPTIONS: Final = f"""\
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": {_HTTP_OPTIONS}
"""
_PREVIOUS_HOSTS: Final = (
    "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
)


def bootstrap(
    engine: str,
    policy: Policy,
    decide: Decide,
    upstream: Upstream,
    listen: str,
    deciders: Sequence[Address],
    filters: str,
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
    type: {"STATIC" if all(each.path for each in deciders) else "STRICT_DNS"}
{_asking(decide.dialect == "grpc", len(deciders))}\
{_endpoints("cors_proxy", [_decider(each) for each in deciders])}\
  - name: api
    connect_timeout: {_seconds(timeouts.connect)}
    type: {"STATIC" if all(each.path for each in upstream.endpoints) else "STRICT_DNS"}
{_endpoints("api", [_address(each) for each in upstream.endpoints])}\
{_tls(upstream)}"""


def _asking(grpc: bool, deciders: int) -> str:
    """What the cluster of the deciders has of its own."""
    several = deciders > 1
    if not grpc and not several:
        return ""
    version = "http2" if grpc else "http"
    retries = ", max_retries: 100000" if several else ""
    return f"""\
{_OPTIONS}\
        explicit_http_config: {{{version}_protocol_options: {{}}}}
{_another(deciders) if several else ""}\
    # Each request of a client is one of these. Above the default of 1024 at once Envoy refuses them.
    circuit_breakers: {{thresholds: [{{max_requests: 100000, max_pending_requests: 100000{retries}}}]}}
{_SET_ASIDE if several else ""}{_CHECKED if several and grpc else ""}"""


def _another(deciders: int) -> str:
    return f"""\
        # Another decider, if one is down. Envoy 1.37 or later.
        retry_policy:
          retry_on: connect-failure,refused-stream,reset
          num_retries: {deciders + 1}
          retry_back_off: {{base_interval: 0.01s}}
          host_selection_retry_max_attempts: 5
          retry_host_predicate:
          - name: envoy.retry_host_predicates.previous_hosts
            typed_config: {{"@type": {_PREVIOUS_HOSTS}}}
"""


# One that fails is not asked for the next two seconds.
_SET_ASIDE: Final = """\
    outlier_detection:
      consecutive_5xx: 1
      interval: 1s
      base_ejection_time: 2s
      max_ejection_time: 2s
      max_ejection_percent: 100
    # Otherwise threads learn it up to a second later.
    common_lb_config: {update_merge_window: 0s}
"""
# A message of ext_proc that is not answered in time is not a failure of the decider to Envoy.
_CHECKED: Final = """\
    health_checks:
    - timeout: 1s
      interval: 1s
      no_traffic_interval: 1s
      unhealthy_threshold: 1
      healthy_threshold: 1
      grpc_health_check: {}
"""


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


def members(suffix: str = "") -> str:
    """A function in Lua; `suffix` is called on each member."""
    return f"""\
local function members(text)
  local found = {{}}
  for member in (text or ""):gmatch("[^,]+") do
    found[#found + 1] = member:match("^%s*(.-)%s*$"){suffix}
  end
  return found
end
"""


def indented(text: str) -> str:
    """A script in a filter's configuration."""
    return "\n".join(f"                  {line}".rstrip() for line in text.splitlines())
