"""The effective policy: each route's keys after inheritance and defaults.

`check --show` and the admin listener's `/config` show it.
"""

from collections.abc import Iterable
from typing import Any

from ..cors.amp import publisher_origins
from ..cors.spec import AmpSpec, CorsSpec, FeedRule, Isolation, OriginRule, RouteSpec, SiteSpec
from .fields import ROUTE_LIMITS, ROUTE_TIMEOUTS
from .model import Decide, Forwarding, Policy, Server, Tracing, Upstream

PlainData = dict[str, Any]
DERIVED_ORIGIN = "derived from Host: an Origin that equals it, with Sec-Fetch-Site: same-origin{}"


def effective(policy: Policy) -> PlainData:
    """Mappings, lists and scalars only, for JSON and YAML.

    The keys are named as in a policy; durations are seconds, sizes are bytes.
    """
    spec = policy.spec
    return {
        "listen": str(policy.listen) if policy.forwards else "none",
        "admin": {"listen": str(policy.admin.listen), "hosts": list(policy.admin.hosts)}
        if policy.admin
        else "off",
        "decide": effective_decide(policy.decide),
        "hosts": "any one valid Host" if spec.hosts is None else list(spec.hosts),
        "own_origins": own_origins(spec),
        "routes": [
            effective_route(route, policy.forwarding[route.index]) for route in (*spec.routes, spec.default)
        ],
        "server": effective_server(policy.server),
        "dangerously_allow": sorted(policy.dangers),
        "assert": [assertion.text for assertion in policy.assertions],
    }


def effective_decide(decide: Decide | None) -> PlainData | str:
    """The keys of `decide`."""
    if decide is None:
        return "none"
    return {
        "listen": str(decide.listen),
        "dialect": decide.dialect,
        **({"headers": decide.headers} if decide.dialect == "forwarded" else {}),
        "trust": [str(network) for network in decide.trust],
    }


def own_origins(spec: SiteSpec) -> list[str] | str:
    """The API's own origins: those of `self_origins`, or a text that says how they are derived."""
    if spec.self_origins is not None:
        return [str(rule.pattern) for rule in spec.self_origins]
    return DERIVED_ORIGIN.format(", or without that header where hosts names it" if spec.hosts else "")


def effective_route(route: RouteSpec, forwarding: Forwarding) -> PlainData:
    """One route; `rule` is its place in the policy."""
    return {
        "name": route.name,
        "path": route.path,
        "rule": str(route.place),
        "method": "any" if route.methods is None else list(route.methods),
        "host": "any" if route.hosts is None else list(route.hosts),
        "mode": "off" if route.cors is None else route.mode,
        **effective_forwarding(forwarding),
        "cors": "off" if route.cors is None else effective_cors(route.cors),
        **({"amp": effective_amp(route.amp)} if route.amp else {}),
        **effective_bounds(forwarding),
        "dangerously_allow": sorted(route.path_words),
    }


def effective_forwarding(forwarding: Forwarding) -> PlainData:
    """Where a route's requests go, and how."""
    return {
        "upstream": effective_upstream(forwarding.upstream),
        "upstream_host": "preserve" if forwarding.preserve_host else "upstream",
        "upstream_origin": forwarding.origin,
        "rewrite_location": forwarding.rewrite_location,
        **({"strip_prefix": forwarding.strip_prefix.decode("ascii")} if forwarding.strip_prefix else {}),
    }


def effective_bounds(forwarding: Forwarding) -> PlainData:
    """The limits and timeouts of a route."""
    return {
        "limits": {field.key: getattr(forwarding.limits, field.key) for field in ROUTE_LIMITS.fields},
        "timeouts": {field.key: getattr(forwarding.timeouts, field.key) for field in ROUTE_TIMEOUTS.fields},
    }


def effective_upstream(upstream: Upstream) -> str | list[str]:
    """The API with its base path; a list where the policy names several endpoints."""
    urls = [url + upstream.base.decode("ascii") for url in upstream.urls]
    return urls[0] if len(urls) == 1 else urls or "none"


def effective_cors(cors: CorsSpec) -> PlainData:
    """The `cors` keys of a route."""
    return {
        "origins": effective_origins(cors.origins, cors.origin_feeds),
        "accept_from": effective_origins(cors.accept_from, cors.accept_feeds),
        "methods": "*" if cors.methods is None else list(cors.methods),
        "headers": [*(["*"] if cors.any_header else []), *cors.headers],
        "expose": [*(["*"] if cors.expose_any else []), *cors.expose],
        "credentials": cors.credentials,
        "max_age": cors.max_age,
        "preflight": {
            "status": cors.preflight_status,
            "list": cors.preflight_list,
            "refusal": cors.preflight_refusal,
        },
        "private_network": cors.private_network,
        "timing": list(cors.timing or ()),
        "resource_policy": cors.resource_policy or "none",
        "without_origin": effective_isolation(cors.isolation)
        if cors.without_origin == "isolate"
        else cors.without_origin,
        "storage_access": cors.storage_access,
        "websocket": "allow" if cors.websocket else "deny",
    }


def effective_origins(rules: Iterable[OriginRule], feeds: Iterable[FeedRule]) -> list[str | PlainData]:
    """A list of origins; feeds are mappings."""
    return [
        *(str(rule.pattern) for rule in rules),
        *(
            {
                "url": str(rule.feed),
                "every": rule.every,
                "required": rule.required,
                "stale": rule.stale,
                "patterns": rule.feed.patterns,
            }
            for rule in feeds
        ),
    ]


def effective_isolation(isolation: Isolation) -> PlainData:
    """The keys of `isolate`."""
    return {
        "isolate": {
            "navigate": "allow" if isolation.navigate else "deny",
            "same_site": "allow" if isolation.same_site else "deny",
            "embed": list(isolation.embed),
            "report": isolation.report,
        }
    }


def effective_amp(amp: AmpSpec) -> PlainData:
    """The `amp` keys of a route, and the origins that are derived from them."""
    if amp.senders:
        return {
            "email": {"senders": [sender for sender, _ in amp.senders]},
            "source_origin": amp.source_origin,
        }
    return {
        "publisher": [str(rule.pattern) for rule in amp.publishers],
        "caches": "included" if amp.caches is None else list(amp.caches),
        "source_origin": amp.source_origin,
        "origins": list(
            dict.fromkeys(
                origin for rule in amp.publishers for origin in publisher_origins(rule.pattern, amp.caches)
            )
        ),
    }


def effective_server(server: Server) -> PlainData:
    """The `server` keys; TLS files by path, never their content."""
    tls, upstream = server.tls, server.upstream_tls
    return {
        "workers": server.workers,
        "tls": {"certificate": tls.certificate, "key": tls.key} if tls else "none",
        "upstream_tls": {
            name: getattr(upstream, name) for name in ("ca", "certificate", "key", "server_name", "verify")
        },
        "trusted_proxies": [str(network) for network in server.trusted_proxies],
        "proxy_protocol": [
            *map(str, server.proxy_protocol),
            *(["unix"] if server.proxy_protocol_unix else []),
        ],
        "limits": {name: getattr(server.limits, name) for name in server.limits.__slots__},
        "timeouts": {name: getattr(server.timeouts, name) for name in server.timeouts.__slots__},
        "drain": {"delay": server.drain_delay, "timeout": server.drain_timeout},
        "access_log": server.access_log,
        "debug": server.debug,
        "tracing": effective_tracing(server.tracing),
    }


def effective_tracing(tracing: Tracing | None) -> PlainData | str:
    """The keys of `tracing`; `default` is what the variables of OpenTelemetry say."""
    if tracing is None:
        return "none"
    return {
        "otlp": tracing.otlp or "default",
        "sample": f"{tracing.sample * 100:g}%",
        "parent_rate": tracing.parent_rate,
        "service_name": tracing.service_name or "default",
    }
