"""The configuration of Envoy: `ext_authz` over HTTP asks, and Lua writes the response's head.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter.  An ask
has the client's method, path and lines, so it needs the dialect `mirror`.  200 alone is a yes; every
other answer goes to the client as it is.

`ext_authz` can only add lines to a response.  So what the answer says goes to the filter after it by
request headers, which are removed before: a client must not be able to send them."""

import json
from typing import Final

from ..cors.names import HOP_BY_HOP, READABLE_ANYWAY, UNREADABLE
from ..cors.request import ONCE
from ..policy.model import Address, Decide, Endpoint, Policy, Upstream
from .uses import ACTIVATE, AMP, GRANT, TIMING

FILE: Final = "envoy.yaml"
# Lines of an answer that the Lua filter needs.
_CARRIED: Final = (
    *GRANT,
    *AMP,
    TIMING,
    ACTIVATE,
    "Cross-Origin-Resource-Policy",
    "Vary",
    "CORS-Proxy-Decision",
    "CORS-Proxy-Remove",
    "CORS-Proxy-Hands-Off",
    "CORS-Proxy-Expose-All",
    "CORS-Proxy-Target",
)
_MANAGER: Final = (
    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
)
_EXT_AUTHZ: Final = "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz"
_LUA: Final = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"
_ROUTER: Final = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
_UPSTREAM_TLS: Final = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"


def configuration(policy: Policy, decide: Decide, upstream: Upstream, listen: str) -> str:
    """A whole bootstrap, to be merged with your own."""
    timeouts = policy.server.timeouts
    host, _, port = listen.rpartition(":")
    base = upstream.base.decode("ascii")
    rewrite = (
        f"\n                    regex_rewrite: {{pattern: {{regex: '^'}}, substitution: {base}}}"
        if base
        else ""
    )
    return f"""\
# Written by: cors-proxy glue --for envoy-http
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
              routes:
              - match: {{prefix: "/"}}
                route:
                  cluster: api
                  timeout: {_seconds(timeouts.response)}{rewrite}
          http_filters:
          - name: cors-proxy-clean
            typed_config:
              "@type": {_LUA}
              default_source_code:
                inline_string: |
{_indented(_clean(policy.spec.report_only))}
          - name: envoy.filters.http.ext_authz
            typed_config:
              "@type": {_EXT_AUTHZ}
              transport_api_version: V3
              failure_mode_allow: false
              status_on_error: {{code: ServiceUnavailable}}
              allowed_headers: {{patterns: [{{safe_regex: {{regex: ".*"}}}}]}}
              http_service:
                server_uri: {{uri: "http://cors-proxy", cluster: cors_proxy, timeout: 2s}}
                authorization_response:
                  allowed_upstream_headers:
                    patterns:
{"".join(f"                    - exact: {name.lower()}{chr(10)}" for name in _CARRIED)}\
          - name: cors-proxy-carry
            typed_config:
              "@type": {_LUA}
              default_source_code:
                inline_string: |
{_indented(_CARRY)}
          - name: envoy.filters.http.router
            typed_config:
              "@type": {_ROUTER}
              suppress_envoy_headers: true
  clusters:
  - name: cors_proxy
    connect_timeout: 1s
    type: {"STATIC" if decide.listen.path else "STRICT_DNS"}
{_endpoints("cors_proxy", [_decider(decide.listen)])}\
  - name: api
    connect_timeout: {_seconds(timeouts.connect)}
    type: {"STATIC" if all(each.path for each in upstream.endpoints) else "STRICT_DNS"}
{_endpoints("api", [_address(each) for each in upstream.endpoints])}\
{_tls(upstream)}"""


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


def _indented(text: str) -> str:
    return "\n".join(f"                  {line}".rstrip() for line in text.splitlines())


def _table(names: list[str]) -> str:
    return ", ".join(f'["{name}"] = true' for name in names)


def _clean(report_only: bool) -> str:
    """`report_only`: row 1 refuses nothing."""
    ours = ", ".join(f'"{name.lower()}"' for name in _CARRIED)
    once = "" if report_only else ", ".join(f'"{name.decode("ascii")}"' for name in sorted(ONCE))
    return f"""\
local OURS = {{ {ours} }}
local ONCE = {{ {once} }}
local JOINED = {{ ["origin"] = true, ["access-control-request-method"] = true }}
function envoy_on_request(handle)
  local headers = handle:headers()
  for _, name in ipairs(OURS) do
    headers:remove(name)
  end
  -- Envoy joins lines of one name for an ask, and replaces odd bytes.  A tab leads to the same 400.
  for _, name in ipairs(ONCE) do
    local value = headers:get(name)
    if value and (headers:getNumValues(name) > 1 or (JOINED[name] and value:find(","))) then
      handle:streamInfo():dynamicMetadata():set("cors-proxy-clean", "repeated", true)
      headers:replace(name, "a\\tb")
    elseif value and value:find("[^ -~]") then
      headers:replace(name, "a\\tb")
    end
  end
end
function envoy_on_response(handle)
  local found = handle:streamInfo():dynamicMetadata():get("cors-proxy-clean")
  if found and found["repeated"] then
    local body = handle:body()
    local headers = handle:headers()  -- those from before it have ended
    if headers:get("cors-proxy-reason") then
      headers:replace("cors-proxy-reason", "repeated-header")
    end
    if body then
      local text = body:getBytes(0, body:length()):gsub('"header%-bytes"', '"repeated-header"')
      headers:replace("content-length", tostring(body:setBytes(text)))
    end
  end
end
"""


_CARRY: Final = (
    """\
local KEPT = { @KEPT@ }
local GRANT = { @GRANT@ }
local UNEXPOSED = { @UNEXPOSED@ }
local SPACE = "cors-proxy"

local function members(text)
  local found = {}
  for member in (text or ""):gmatch("[^,]+") do
    found[#found + 1] = member:match("^%s*(.-)%s*$")
  end
  return found
end

function envoy_on_request(handle)
  local headers = handle:headers()
  if headers:get("cors-proxy-decision") ~= "forward" then
    handle:respond({[":status"] = "503"}, "")
    return
  end
  for _, name in ipairs(KEPT) do
    local value = headers:get(name)
    if value then
      handle:streamInfo():dynamicMetadata():set(SPACE, name, value)
      headers:remove(name)
    end
  end
  local answer = handle:streamInfo():dynamicMetadata():get(SPACE) or {}
  if answer["cors-proxy-target"] then
    headers:replace(":path", answer["cors-proxy-target"])
  end
end

function envoy_on_response(handle)
  local answer = handle:streamInfo():dynamicMetadata():get(SPACE)
  if not answer or answer["cors-proxy-hands-off"] then
    return
  end
  local headers = handle:headers()
  local removed, present = {}, {}
  for _, name in ipairs(members(answer["cors-proxy-remove"])) do
    removed[name:lower()] = true
  end
  for name in pairs(headers) do
    present[name] = true
  end
  for name in pairs(present) do
    if removed[name] or name:sub(1, 15) == "access-control-" then
      headers:remove(name)
      present[name] = nil
    end
  end
  if headers:get(":status") == "101" then
    return
  end
  local have, missing, old = {}, {}, headers:get("vary")
  for _, member in ipairs(members(old)) do
    have[member:lower()] = true
  end
  for _, name in ipairs(members(answer["vary"])) do
    if not have[name:lower()] then
      missing[#missing + 1] = name
    end
  end
  if #missing > 0 and not have["*"] then
    headers:add("vary", table.concat(missing, ", "))
    present["vary"] = true
  end
  for _, name in ipairs(GRANT) do
    local value = answer[name]
    if value and not (name == "cross-origin-resource-policy" and present[name]) then
      headers:add(name, value)
    end
  end
  if answer["cors-proxy-expose-all"] then
    local exposed = {}
    for name in pairs(present) do
      if not UNEXPOSED[name] and name:sub(1, 1) ~= ":" then
        exposed[#exposed + 1] = name
      end
    end
    table.sort(exposed)
    headers:add("access-control-expose-headers", table.concat(exposed, ", "))
  end
end
""".replace("@KEPT@", ", ".join(f'"{name.lower()}"' for name in _CARRIED))
    .replace(
        "@GRANT@",
        ", ".join(
            f'"{name.lower()}"' for name in (*GRANT, *AMP, TIMING, ACTIVATE, "Cross-Origin-Resource-Policy")
        ),
    )
    .replace(
        "@UNEXPOSED@",
        _table(sorted(name.decode("ascii") for name in READABLE_ANYWAY | UNREADABLE | HOP_BY_HOP)),
    )
)
