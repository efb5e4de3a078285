"""The configuration of nginx: it asks by `auth_request`, and carries the requests itself.

https://nginx.org/en/docs/http/ngx_http_auth_request_module.html.  It takes any 2xx for yes, knows no
refusal but 401 and 403, and reads nothing of an answer but its head.  So it needs the dialect
`forwarded`."""

from collections.abc import Sequence
from typing import Final

from ..policy.model import Address, Decide, Endpoint, Policy, Upstream
from .uses import BODY, GRANT, PREFLIGHT, VARY, Uses, claims

FILE: Final = "cors-proxy.conf"
_BELIEVED: Final = {
    "x-forwarded": ("X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host"),
    "x-original": ("X-Original-Method", "X-Original-URI", "Host"),
}


def configuration(
    policy: Policy, decide: Decide, upstream: Upstream, listen: str, deciders: Sequence[Address]
) -> str:
    """For the context `http`: `include cors-proxy.conf;`."""
    uses = Uses(policy)
    returned = [*GRANT, *uses.conditional, *PREFLIGHT]
    method, target, host = _BELIEVED[decide.headers]
    body = policy.server.limits.body_bytes
    carried = _carried(policy, upstream)
    granted = "".join(
        f"        add_header {name} $cp_out_{_word(name)} always;\n" for name in (*GRANT, *uses.conditional)
    ) + (
        "        add_header Cross-Origin-Resource-Policy $cp_out_policy always;\n"
        "        add_header Vary $cp_more_vary always;\n"
    )
    return f"""\
# Written by: cors-proxy glue --for nginx
# Include it in the context http.  nginx 1.13 or later, with ngx_http_auth_request_module.

upstream cp_decider {{
{_deciders([_address(each) for each in deciders])}\
    keepalive 32;
}}
upstream cp_api {{
{"".join(f"    server {_endpoint(each)};{chr(10)}" for each in upstream.endpoints)}\
    keepalive 32;
}}
# Where requests go if something else than the decision listener answers.
upstream cp_nobody {{
    server 127.0.0.1:1 down;
}}
map $cp_decision $cp_to {{
    forward cp_api;
    default cp_nobody;
}}
map $cp_decision$cp_hands_off $cp_way {{
    forward forward;
    forwardtrue hands_off;
}}
map $cp_given_target $cp_target {{
    "" $request_uri;
    default $cp_given_target;
}}
map $http_upgrade $cp_connection {{
    "" "";
    default upgrade;
}}
# A 101 gets nothing.
map $upstream_status $cp_switched {{
    101 yes;
}}
# The grant, and what of the API's response it does not replace.
{"".join(_granted(name) for name in GRANT)}\
{"".join(_replaced(name) for name in uses.conditional)}\
map $cp_switched$upstream_http_cross_origin_resource_policy $cp_out_policy {{
    "" $cp_cross_origin_resource_policy;
}}
# Members of Vary that the API did not send.
{"".join(_varies(name) for name in VARY)}\
map $cp_switched{"".join(f"$cp_vary_{_word(name)}" for name in VARY)} $cp_more_vary {{
    "~^, (?<cp_members>.+)$" $cp_members;
}}

server {{
    listen {listen};
    client_max_body_size {body};
    merge_slashes off;

    auth_request /_cors_proxy_ask;
    auth_request_set $cp_decision $upstream_http_cors_proxy_decision;
    auth_request_set $cp_hands_off $upstream_http_cors_proxy_hands_off;
    auth_request_set $cp_remove $upstream_http_cors_proxy_remove;
    auth_request_set $cp_given_target $upstream_http_cors_proxy_target;
    auth_request_set $cp_status $upstream_http_cors_proxy_status;
    auth_request_set $cp_problem $upstream_http_cors_proxy_problem;
    auth_request_set $cp_reason $upstream_http_cors_proxy_reason;
    auth_request_set $cp_rule $upstream_http_cors_proxy_rule;
    auth_request_set $cp_id $upstream_http_x_request_id;
    auth_request_set $cp_vary $upstream_http_vary;
    auth_request_set $cp_cache $upstream_http_cache_control;
    auth_request_set $cp_options $upstream_http_x_content_type_options;
    auth_request_set $cp_cross_origin_resource_policy $upstream_http_cross_origin_resource_policy;
{"".join(_set(name) for name in returned)}\
    # Only for nginx's own 403 and 413: those of the API pass.
    error_page 403 = @cors_proxy_refused;
    error_page 413 = @cors_proxy_too_large;
    recursive_error_pages on;
    root /dev/null;

    location / {{
        # No file is there, so this only leads on, after the answer.
        try_files /none @cors_proxy_$cp_way;
    }}

    location @cors_proxy_forward {{
        auth_request off;
{"".join(f"        proxy_hide_header {name};{chr(10)}" for name in returned)}\
{granted}\
{carried}\
    }}

    # `cors: off` and `mode: report`: the API's own lines pass, all of them.
    location @cors_proxy_hands_off {{
        auth_request off;
{carried}\
    }}

    # It asks again, now about a body of this length: the page can read what the answer grants.
    location @cors_proxy_too_large {{
        error_page 403 = @cors_proxy_refused;
{granted}\
        try_files /none =413;
    }}

    location = /_cors_proxy_ask {{
        internal;
        auth_request off;
        proxy_pass http://cp_decider/;
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Upgrade $http_upgrade;
        # They describe the request, and replace what the client sent.
        proxy_set_header {method} $request_method;
        proxy_set_header {target} $request_uri;
        proxy_set_header {host} $http_host;
{_host_of_ask(host)}\
        proxy_set_header {BODY} $http_content_length$http_transfer_encoding;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        # No answer in time is no yes: 500.
        proxy_connect_timeout 1s;
        proxy_send_timeout 1s;
        proxy_read_timeout 2s;
{_NEXT if len(deciders) > 1 else ""}\
        proxy_cache off;
        proxy_intercept_errors off;
    }}

    # Not asked again: a second ask by proxy_pass would wait for the body of the request.
    location @cors_proxy_refused {{
        auth_request off;
        default_type application/problem+json;
{"".join(f"        add_header {name} $cp_{_word(name)} always;{chr(10)}" for name in returned)}\
        add_header Vary $cp_vary always;
        add_header Cache-Control $cp_cache always;
        add_header X-Content-Type-Options $cp_options always;
        add_header CORS-Proxy-Reason $cp_reason always;
        add_header CORS-Proxy-Rule $cp_rule always;
        add_header X-Request-ID $cp_id always;
{"".join(_return(status) for status in uses.statuses)}\
        return 403 "$cp_problem\\n";
    }}

    # Something else than the decision listener has answered.
    location @cors_proxy_ {{
        auth_request off;
        return 503;
    }}
}}
"""


def _carried(policy: Policy, upstream: Upstream) -> str:
    """A request, to the API."""
    timeouts = policy.server.timeouts
    scheme = "https" if upstream.tls else "http"
    return f"""\
        proxy_pass {scheme}://$cp_to{upstream.base.decode("ascii")}$cp_target;
{"        proxy_ssl_server_name on;" + chr(10) if upstream.tls else ""}\
        proxy_http_version 1.1;
        # Bodies pass as they come.
        proxy_buffering off;
        proxy_request_buffering off;
        proxy_connect_timeout {round(timeouts.connect * 1000)}ms;
        proxy_read_timeout {round(timeouts.response * 1000)}ms;
        proxy_set_header Host $http_host;
        proxy_set_header Connection $cp_connection;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header X-Request-ID $cp_id;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Host $http_host;
{"".join(f'        proxy_set_header {name} "";{chr(10)}' for name in claims(policy))}"""


def _word(name: str) -> str:
    return name.lower().replace("-", "_")


def _address(address: Address) -> str:
    return f"unix:{address.path}" if address.path else str(address)


def _deciders(addresses: list[str]) -> str:
    if len(addresses) == 1:
        return f"    server {addresses[0]};\n"
    return (
        "".join(f"    server {each} max_fails=1 fail_timeout=2s;\n" for each in addresses)
        + "    # If all of them failed just now, they are tried again at once.\n"
        + "".join(f"    server {each} backup max_fails=0;\n" for each in addresses)
    )


# Not after a time-out of 2 seconds: then all of them may be overloaded.
_NEXT: Final = """\
        # Another decider, if one is down.
        proxy_next_upstream error timeout;
        proxy_next_upstream_timeout 2s;
"""


def _endpoint(endpoint: Endpoint) -> str:
    if endpoint.path:
        return f"unix:{endpoint.path}"
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    return f"{host}:{endpoint.port}"


def _set(name: str) -> str:
    return f"    auth_request_set $cp_{_word(name)} $upstream_http_{_word(name)};\n"


def _granted(name: str) -> str:
    return f'map $cp_switched $cp_out_{_word(name)} {{\n    "" $cp_{_word(name)};\n}}\n'


def _replaced(name: str) -> str:
    word = _word(name)
    return (
        f'map "$cp_switched:$cp_remove" $cp_out_{word} {{\n'
        f'    "~*^:(.*, )?{name}(,|$)" $cp_{word};\n'
        f'    "~*(:|, ){name}(,|$)" "";\n'
        f"    default $upstream_http_{word};\n}}\n"
    )


def _varies(name: str) -> str:
    """The `:` is in no member."""
    return (
        f'map "$cp_vary:$upstream_http_vary" $cp_vary_{_word(name)} {{\n'
        f'    "~*^[^:]*:(?:.*,)?\\s*\\*" "";\n'
        f'    "~*^[^:]*:(?:.*[,\\s])?{name}(?:$|[,\\s])" "";\n'
        f'    "~*^(?:[^:]*[,\\s])?{name}(?:[,\\s][^:]*)?:" ", {name}";\n}}\n'
    )


def _host_of_ask(host: str) -> str:
    return "" if host == "Host" else "        proxy_set_header Host cors-proxy;\n"


def _return(status: int) -> str:
    body = "" if status < 300 else ' "$cp_problem\\n"'
    return f"        if ($cp_status = {status}) {{\n            return {status}{body};\n        }}\n"
