"""The configuration of Caddy: `reverse_proxy` asks, and `handle_response` does what the answer says.

https://caddyserver.com/docs/caddyfile/directives/reverse_proxy#intercepting-responses.  An ask is a
GET, so that Caddy does not send it the body; it needs the dialect `forwarded`.  `forward_auth` would
not do: it can put nothing on a response."""

from collections.abc import Sequence
from typing import Final

from ..policy.model import Address, Decide, Endpoint, Policy, Upstream
from .uses import BODY, GRANT, Uses, claims

FILE: Final = "cors-proxy.caddy"
_DESCRIBED: Final = {
    "x-forwarded": ("X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host"),
    "x-original": ("X-Original-Method", "X-Original-URI", "Host"),
}
# Of an answer: what a variable keeps.  The inner reverse_proxy deletes the placeholders of the outer one,
# whose names are spelled as Go does.
_KEPT: Final = {
    "cp_hands_off": "CORS-Proxy-Hands-Off",
    "cp_remove": "CORS-Proxy-Remove",
    "cp_target": "CORS-Proxy-Target",
    "cp_vary": "Vary",
    "cp_policy": "Cross-Origin-Resource-Policy",
}

# The API's own lines stay: `+` adds one, `?` sets it only if there is none.
_MERGED: Final = {"cp_vary": "+Vary", "cp_policy": "?Cross-Origin-Resource-Policy"}
_NEXT: Final = """\
		# Another decider, if one is down.
		lb_policy round_robin
		lb_try_duration 2s
		lb_try_interval 50ms
		fail_duration 1s
"""
_STRIP: Final = "header_down -Access-Control-*\n\t\t\t\t\t\t"


def configuration(
    policy: Policy, decide: Decide, upstream: Upstream, listen: str, deciders: Sequence[Address]
) -> str:
    """A site; `import cors-proxy.caddy` takes it into your Caddyfile."""
    uses, timeouts = Uses(policy), policy.server.timeouts
    host, _, port = listen.rpartition(":")
    method, target, name = _DESCRIBED[decide.headers]
    granted = {f"cp_{_word(each)}": each for each in (*GRANT, *uses.conditional)}
    kept = "".join(
        f"\t\t\t\t{variable} {{rp.header.{header.title()}}}\n"
        for variable, header in (_KEPT | granted).items()
    )
    base, limit = upstream.base.decode("ascii"), policy.server.limits.body_bytes
    api = f"""\
reverse_proxy {" ".join(_api(each, upstream) for each in upstream.endpoints)} {{
						header_up Host {{hostport}}
{"".join(f"						header_up -{each}{chr(10)}" for each in claims(policy))}\
						@OUT@transport http {{
							compression off
							dial_timeout {timeouts.connect:g}s
							response_header_timeout {timeouts.response:g}s
						}}
					}}"""
    return f"""\
# Written by: cors-proxy glue --for caddy
# Caddy 2.7 or later.

http://:{port} {{
{"" if host in ("*", "") else f"	bind {host.strip('[]')}{chr(10)}"}\
{f"	request_body {{{chr(10)}		max_size {limit}{chr(10)}	}}{chr(10)}" if limit else ""}\
	@chunked header Transfer-Encoding *
	vars @chunked cp_chunked chunked
	reverse_proxy {" ".join(map(_decider, deciders))} {{
		method GET
		# They describe the request, and replace what the client sent.
		header_up {method} {{method}}
		header_up {target} {{uri}}
		header_up {name} {{hostport}}
		header_up {BODY} {{header.Content-Length}}{{vars.cp_chunked}}
		# No answer in time is no yes: 502 or 504.
		transport http {{
			dial_timeout 1s
			response_header_timeout 2s
		}}
{_NEXT if len(deciders) > 1 else ""}\
		@forward {{
			status 200
			header CORS-Proxy-Decision forward
		}}
		handle_response @forward {{
			vars {{
{kept}\
			}}
			route {{
				@target not vars {{vars.cp_target}} ""
				rewrite @target {{vars.cp_target}}?
{f"				rewrite * {base}{{uri}}{chr(10)}" if base else ""}\
				@hands_off vars {{vars.cp_hands_off}} true
				handle @hands_off {{
					{api.replace("@OUT@", "")}
				}}
				handle {{
{_grants(granted, "					")}\
{"".join(_removed(each) for each in uses.conditional)}\
					{api.replace("@OUT@", _STRIP)}
				}}
			}}
		}}
{"".join(_status(status) for status in (403, *uses.statuses))}\
		header_down -CORS-Proxy-Status
		header_down -CORS-Proxy-Problem
		header_down -CORS-Proxy-Decision
		handle_response {{
			respond 503
		}}
	}}
	# Also to Caddy's own errors: the page can then read that the API is down.
	handle_errors {{
{_grants(granted, "		")}\
		respond {{err.status_code}}
	}}
}}
"""


def _grants(granted: dict[str, str], at: str) -> str:
    """The lines of the grant, written last; a handshake gets none."""
    lines = []
    for number, (variable, header) in enumerate([*granted.items(), *_MERGED.items()]):
        lines += [
            f"@grant{number} {{",
            f'\tnot vars {{vars.{variable}}} ""',
            "\tnot header Connection *pgrade*",
            "}",
            f"header @grant{number} {{",
            f"\t{header} {{vars.{variable}}}",
            "\tdefer",
            "}",
        ]
    return "".join(f"{at}{line}\n" for line in lines)


def _removed(name: str) -> str:
    """Inside of what adds the grant, so that it acts first."""
    at, word = "\t" * 5, _word(name)
    return (
        f"{at}@removes_{word} vars_regexp {{vars.cp_remove}} {name}\n"
        f"{at}header @removes_{word} {{\n{at}\t-{name}\n{at}\tdefer\n{at}}}\n"
    )


def _status(status: int) -> str:
    return (
        f"\t\t@status{status} header CORS-Proxy-Status {status}\n"
        f"\t\treplace_status @status{status} {status}\n"
    )


def _word(name: str) -> str:
    return name.lower().replace("-", "_")


def _decider(address: Address) -> str:
    return f"unix/{address.path}" if address.path else f"http://{address}"


def _api(endpoint: Endpoint, upstream: Upstream) -> str:
    if endpoint.path:
        return f"unix/{endpoint.path}"
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    return f"{'https' if upstream.tls else 'http'}://{host}:{endpoint.port}"
