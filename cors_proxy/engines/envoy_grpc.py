"""The configuration of Envoy that asks over gRPC: by `ext_authz`, or by `ext_proc`.

`ext_proc` also sends the head of the API's response, so the decision service rewrites it.
`ext_authz` does not, and can only add lines to a response: a small filter in Lua removes those of the
API.  What is to be removed stands in the metadata of the answer, which no client can set.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_proc_filter"""

from collections.abc import Sequence
from textwrap import indent
from typing import Final

from ..policy.model import Address, Decide, Policy, Upstream
from .envoy_bootstrap import LUA, REMOVE, bootstrap, indented, members
from .uses import LUA_UNEXPOSED

_EXT_AUTHZ: Final = "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz"
EXT_PROC: Final = "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor"
EXT_PROC_SETTINGS: Final = f"""\
"@type": {EXT_PROC}
failure_mode_allow: false
status_on_error: {{code: ServiceUnavailable}}
message_timeout: 2s
# The answer about a request turns on that about its response.  What Envoy itself answers before its
# filters needs none.
allow_mode_override: true
processing_mode:
  request_header_mode: SEND
  response_header_mode: SKIP
  request_body_mode: NONE
  response_body_mode: NONE
  request_trailer_mode: SKIP
  response_trailer_mode: SKIP
"""


def by_ext_authz(
    policy: Policy, decide: Decide, upstream: Upstream, listen: str, deciders: Sequence[Address]
) -> str:
    filters = f"""\
          - name: envoy.filters.http.ext_authz
            typed_config:
              "@type": {_EXT_AUTHZ}
              transport_api_version: V3
              failure_mode_allow: false
              status_on_error: {{code: ServiceUnavailable}}
              # Lines that were repeated arrive as such.
              encode_raw_headers: true
              grpc_service: {{envoy_grpc: {{cluster_name: cors_proxy}}, timeout: 2s}}
          - name: cors-proxy-carry
            typed_config:
              "@type": {LUA}
              default_source_code:
                inline_string: |
{indented(_CARRY)}
"""
    return bootstrap("envoy-grpc", policy, decide, upstream, listen, deciders, filters)


def by_ext_proc(
    policy: Policy, decide: Decide, upstream: Upstream, listen: str, deciders: Sequence[Address]
) -> str:
    filters = f"""\
          - name: envoy.filters.http.ext_proc
            typed_config:
{indent(EXT_PROC_SETTINGS, " " * 14)}\
              grpc_service: {{envoy_grpc: {{cluster_name: cors_proxy}}}}
"""
    return bootstrap("envoy-proc", policy, decide, upstream, listen, deciders, filters)


_CARRY: Final = f"""\
local UNEXPOSED = {{ {LUA_UNEXPOSED} }}

{members(":lower()")}\

local function answer(handle)
  return handle:streamInfo():dynamicMetadata():get("envoy.filters.http.ext_authz") or {{}}
end

function envoy_on_request(handle)
  if answer(handle)["decision"] ~= "forward" then
    -- CONNECT has no route here, so nobody was asked.
    local connect = handle:headers():get(":method") == "CONNECT"
    handle:respond({{[":status"] = connect and "405" or "503"}}, "")
  end
end

function envoy_on_response(handle)
  local said, headers, removed, present = answer(handle), handle:headers(), {{}}, {{}}
  if said["decision"] ~= "forward" or said["hands-off"] then
    return
  end
  for _, name in ipairs(members(said["remove"])) do
    removed[name] = true
  end
{REMOVE}\
  if said["expose-all"] then
    for _, name in ipairs(members(said["expose-all"])) do
      present[name] = true
    end
    local exposed = {{}}
    for name in pairs(present) do
      if not UNEXPOSED[name] and name:sub(1, 1) ~= ":" and name:sub(1, 15) ~= "access-control-" then
        exposed[#exposed + 1] = name
      end
    end
    table.sort(exposed)
    headers:add("access-control-expose-headers", table.concat(exposed, ", "))
  end
end
"""
