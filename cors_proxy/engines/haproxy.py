"""The configuration of HAProxy: an action in Lua asks, and another one writes the response's head.

https://docs.haproxy.org/2.6/configuration.html, https://www.arpalert.org/src/haproxy-lua-api/2.6/.
`core.httpclient` of Lua can send no OPTIONS, so it needs the dialect `forwarded`."""

from collections.abc import Sequence
from typing import Final

from ..policy.model import Address, Decide, Endpoint, Policy, Upstream
from .uses import BODY, LUA_UNEXPOSED, claims

FILE: Final = "cors-proxy.cfg"
LUA_FILE: Final = "cors-proxy.lua"


def configuration(policy: Policy, upstream: Upstream, listen: str, deciders: Sequence[Address]) -> str:
    """Sections for haproxy.cfg."""
    timeouts = policy.server.timeouts
    bind = f"unix@{listen.removeprefix('unix:')}" if listen.startswith("unix:") else listen
    servers = "".join(
        f"    server api{number} {_endpoint(each)}{_tls(each, upstream)}\n"
        for number, each in enumerate(upstream.endpoints, 1)
    )
    base = upstream.base.decode("ascii")
    base_path = f"    http-request set-path {base}%[path]\n" if base else ""
    return f"""\
# Written by: cors-proxy glue --for haproxy
# HAProxy 2.6 or later with Lua.  {LUA_FILE} has the two actions.

global
    lua-load-per-thread {LUA_FILE}

frontend cors_proxy
    mode http
    bind {bind}
    timeout client {_seconds(timeouts.body_idle)}
    timeout http-request {_seconds(timeouts.request_header)}
    timeout http-keep-alive {_seconds(timeouts.keep_alive)}
    http-request lua.cors_proxy_ask
    # An action that fails lets a request pass: only a decision does here.
    http-request return status 503 unless {{ var(txn.cp_decision) -m str forward }}
    http-request set-uri %[var(txn.cp_target)] if {{ var(txn.cp_target) -m found }}
    http-response lua.cors_proxy_respond
    # To HAProxy's own errors: the page can then read that the API is down.
{"".join(_own_error(name) for name in _ON_ERRORS)}\
    default_backend cors_proxy_api

backend cors_proxy_api
    mode http
    option forwardfor
    http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
{"".join(f"    http-request del-header {name}{chr(10)}" for name in claims(policy))}\
{base_path}\
    timeout connect {_seconds(timeouts.connect)}
    timeout server {_seconds(timeouts.response)}
    timeout tunnel {_seconds(timeouts.tunnel_idle)}
{servers}{_spread(listen, deciders) if len(deciders) > 1 else ""}"""


def _socket(listen: str) -> str:
    """An abstract one: the action finds it in a chroot too, and no other machine can connect.  Each
    HAProxy of a machine has its own."""
    return f"abns@cors_proxy_deciders_{''.join(each if each.isalnum() else '_' for each in listen)[-64:]}"


def _spread(listen: str, deciders: Sequence[Address]) -> str:
    """The action asks here.  It knows one address, and tries to connect for 3 seconds."""
    numbered = list(enumerate(map(_decider, deciders), 1))
    servers = "".join(f"    server decider{number} {each} weight 256 check\n" for number, each in numbered)
    again = "".join(f"    server again{number} {each} weight 1\n" for number, each in numbered)
    return f"""
listen cors_proxy_deciders
    mode http
    bind {_socket(listen)}
    timeout client 2s
    timeout connect 1s
    timeout server 2s
    # Another decider, if one is down. Other requests take turns too, so it may be the same one again.
    retries 10
    option redispatch 1
    retry-on conn-failure empty-response
    # One that fails is not asked for the next two seconds.
    default-server inter 1s fall 1 rise 2 observe layer7 error-limit 1 on-error mark-down
{servers}\
    # If all of them failed just now, they are tried again at once. They are no backups: with fewer than
    # two active servers HAProxy waits before it tries another one.
{again}"""


def _decider(address: Address) -> str:
    return f"unix@{address.path}" if address.path else str(address)


_ON_ERRORS = (
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-expose-headers",
    "vary",
)


def _own_error(name: str) -> str:
    variable = f"txn.cp_{name.replace('-', '_')}"
    return (
        f"    http-after-response add-header {name} %[var({variable})]"
        f" if {{ var({variable}) -m found }} !{{ var(txn.cp_answered) -m found }}\n"
    )


def _seconds(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"


def _endpoint(endpoint: Endpoint) -> str:
    if endpoint.path:
        return f"unix@{endpoint.path}"
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    return f"{host}:{endpoint.port}"


def _tls(endpoint: Endpoint, upstream: Upstream) -> str:
    if not upstream.tls:
        return ""
    return f" ssl verify required ca-file @system-ca sni str({endpoint.host}) verifyhost {endpoint.host}"


def script(decide: Decide, listen: str, deciders: Sequence[Address]) -> str:
    """The file that the configuration loads."""
    address, socket = deciders[0], _socket(listen) if len(deciders) > 1 else ""
    if not socket and address.path:
        socket = _decider(address)
    url = "http://localhost/" if socket else f"http://{address}/"
    destination = f'\n        dst = "{socket}",' if socket else ""
    original = decide.headers == "x-original"
    names = (
        ("x-original-method", "x-original-uri", "host")
        if original
        else ("x-forwarded-method", "x-forwarded-uri", "x-forwarded-host")
    )
    method, target, host = names
    return (
        _SCRIPT.replace("@URL@", url)
        .replace("@DESTINATION@", destination)
        .replace("@METHOD@", method)
        .replace("@TARGET@", target)
        .replace("@HOST@", host)
        .replace("@BODY@", BODY.lower())
        .replace("@UNEXPOSED@", LUA_UNEXPOSED)
    )


_SCRIPT = """\
-- Written by: cors-proxy glue --for haproxy

-- Of the request's head, what is not sent with an ask.
local HOP = {
    ["connection"] = true, ["content-length"] = true, ["expect"] = true, ["keep-alive"] = true,
    ["proxy-connection"] = true, ["te"] = true, ["trailer"] = true, ["transfer-encoding"] = true,
}
-- Of an answer, what is not for the client.
local OURS = {
    ["connection"] = true, ["content-length"] = true, ["cors-proxy-decision"] = true,
    ["cors-proxy-problem"] = true, ["cors-proxy-status"] = true, ["date"] = true,
}
-- What `respond` needs of an answer, beside the grant.
local KEPT = { "vary", "cors-proxy-remove", "cors-proxy-hands-off", "cors-proxy-expose-all" }
-- What `expose: "*"` with credentials does not name.
local UNEXPOSED = { @UNEXPOSED@ }

local function starts(text, with)
    return text:sub(1, #with) == with
end

local function is_grant(name)
    return starts(name, "access-control-") or starts(name, "amp-") or name == "timing-allow-origin"
        or name == "cross-origin-resource-policy" or name == "activate-storage-access"
end

local function members(text)
    local found = {}
    for member in text:gmatch("[^,]+") do
        found[#found + 1] = member:match("^%s*(.-)%s*$")
    end
    return found
end

local function first(headers, name)
    local values = headers[name]
    return values and (values[0] or values[1])
end

local function copy(values)
    local found = {}
    for at = (values[0] and 0 or 1), #values do
        found[#found + 1] = values[at]
    end
    return found
end

-- RFC 9110 7.6.1: what Connection names ends here.  HAProxy passes it on.
local function remove_named(http, connection)
    for _, line in ipairs(connection and copy(connection) or {}) do
        for _, name in ipairs(members(line:lower())) do
            if not HOP[name] and name ~= "close" and name ~= "upgrade" and name ~= "host" then
                http:req_del_header(name)
            end
        end
    end
end

local function ask(txn)
    local headers, sent = {}, txn.http:req_get_headers()
    for name, values in pairs(sent) do
        if not HOP[name] then
            headers[name] = copy(values)
        end
    end
    local host = headers["host"] and headers["host"][1] or ""
    headers["host"] = { "cors-proxy" }
    -- They describe the request, and replace what the client sent.
    headers["@METHOD@"] = { txn.sf:method() }
    headers["@TARGET@"] = { txn.sf:pathq() }
    headers["@HOST@"] = { host }
    local framing = sent["content-length"] or sent["transfer-encoding"]
    headers["@BODY@"] = framing and copy(framing)
    headers["x-forwarded-proto"] = { txn.sf:ssl_fc() == 1 and "https" or "http" }
    headers["x-forwarded-for"] = { txn.sf:src() }
    local answer = core.httpclient():get {
        url = "@URL@",@DESTINATION@
        headers = headers,
        timeout = 2000,
    }
    local decision = answer and answer.headers and first(answer.headers, "cors-proxy-decision")
    if not decision then
        return  -- the rule after this one refuses
    end
    if decision == "forward" and answer.status == 200 then
        local grant = {}
        for name, values in pairs(answer.headers) do
            if is_grant(name) then
                for _, value in ipairs(copy(values)) do
                    grant[#grant + 1] = name .. ": " .. value
                    txn:set_var("txn.cp_" .. name:gsub("-", "_"), value)
                end
            end
        end
        txn:set_var("txn.cp_grant", table.concat(grant, "\\n"))
        for _, name in ipairs(KEPT) do
            local value = first(answer.headers, name)
            if value then
                txn:set_var("txn.cp_" .. name:gsub("cors%-proxy%-", ""):gsub("-", "_"), value)
            end
        end
        local target = first(answer.headers, "cors-proxy-target")
        if target then
            txn:set_var("txn.cp_target", target)
        end
        remove_named(txn.http, sent["connection"])
        txn:set_var("txn.cp_decision", "forward")
        return
    end
    local status = tonumber(first(answer.headers, "cors-proxy-status") or answer.status)
    local reply = txn:reply { status = status }
    for name, values in pairs(answer.headers) do
        if not OURS[name] then
            for _, value in ipairs(copy(values)) do
                reply:add_header(name, value)
            end
        end
    end
    if answer.body and #answer.body > 0 then
        reply:set_body(answer.body)
    end
    txn:set_var("txn.cp_answered", "yes")
    txn:done(reply)
end

local function merge_vary(http, lines, wanted)
    local have = {}
    for _, line in ipairs(lines) do
        for _, member in ipairs(members(line)) do
            have[member:lower()] = true
        end
    end
    if have["*"] then
        return
    end
    local missing = {}
    for _, name in ipairs(members(wanted)) do
        if not have[name:lower()] then
            missing[#missing + 1] = name
        end
    end
    if #missing == 0 then
        return
    end
    local last = lines[#lines]
    if not last then
        http:res_add_header("vary", table.concat(missing, ", "))
        return
    end
    if last:match("%S") then
        table.insert(missing, 1, last)
    end
    lines[#lines] = table.concat(missing, ", ")
    http:res_del_header("vary")
    for _, line in ipairs(lines) do
        http:res_add_header("vary", line)
    end
end

local function respond(txn)
    txn:set_var("txn.cp_answered", "yes")
    if txn:get_var("txn.cp_hands_off") then
        return
    end
    local http, headers = txn.http, txn.http:res_get_headers()
    local removed = {}
    for _, name in ipairs(members(txn:get_var("txn.cp_remove") or "")) do
        removed[name:lower()] = true
    end
    for name in pairs(headers) do
        if removed[name] or starts(name, "access-control-") then
            http:res_del_header(name)
        end
    end
    if tonumber(txn.sf:status()) == 101 then
        return
    end
    local wanted = txn:get_var("txn.cp_vary")
    if wanted then
        merge_vary(http, headers["vary"] and copy(headers["vary"]) or {}, wanted)
    end
    for line in (txn:get_var("txn.cp_grant") or ""):gmatch("[^\\n]+") do
        local name, value = line:match("^([^:]+): (.*)$")
        if name ~= "cross-origin-resource-policy" or not headers[name] then
            http:res_add_header(name, value)
        end
    end
    if txn:get_var("txn.cp_expose_all") then
        local exposed = {}
        for name in pairs(http:res_get_headers()) do
            if not UNEXPOSED[name] and not starts(name, "access-control-") then
                exposed[#exposed + 1] = name
            end
        end
        table.sort(exposed)
        if #exposed > 0 then
            http:res_add_header("access-control-expose-headers", table.concat(exposed, ", "))
        end
    end
end

core.register_action("cors_proxy_ask", { "http-req" }, ask)
core.register_action("cors_proxy_respond", { "http-res" }, respond)
"""
