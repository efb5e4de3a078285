"""The configuration of Envoy: `ext_authz` over HTTP asks, and Lua writes the response's head.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter.  An ask
has the client's method, path and lines, so it needs the dialect `mirror`.  200 alone is a yes; every
other answer goes to the client as it is.

`ext_authz` can only add lines to a response.  So what the answer says goes to the filter after it by
request headers, which are removed before: a client must not be able to send them."""

from collections.abc import Sequence
from typing import Final

from ..cors.request import ONCE
from ..policy.model import Address, Decide, Policy, Upstream
from .envoy_bootstrap import LUA, REMOVE, bootstrap, indented, members
from .uses import ACTIVATE, AMP, BODY, GRANT, LUA_UNEXPOSED, TIMING

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
_EXT_AUTHZ: Final = "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz"


def configuration(
    policy: Policy, decide: Decide, upstream: Upstream, listen: str, deciders: Sequence[Address]
) -> str:
    filters = f"""\
          - name: cors-proxy-clean
            typed_config:
              "@type": {LUA}
              default_source_code:
                inline_string: |
{indented(_clean(policy.spec.report_only))}
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
              "@type": {LUA}
              default_source_code:
                inline_string: |
{indented(_CARRY)}
"""
    return bootstrap("envoy-http", policy, decide, upstream, listen, deciders, filters)


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
  if headers:get(":method") == "CONNECT" then
    handle:respond({{[":status"] = "405"}}, "")  -- it cannot be asked about
    return
  end
  for _, name in ipairs(OURS) do
    headers:remove(name)
  end
  -- An ask has no body, and says so.
  local framing = headers:get("content-length") or headers:get("transfer-encoding")
  headers:remove("{BODY.lower()}")
  if framing then
    headers:add("{BODY.lower()}", framing)
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

@MEMBERS@
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
  headers:remove("@BODY@")
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
@REMOVE@  if headers:get(":status") == "101" then
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
    .replace("@UNEXPOSED@", LUA_UNEXPOSED)
    .replace("@MEMBERS@", members())
    .replace("@REMOVE@", REMOVE)
    .replace("@BODY@", BODY.lower())
)
