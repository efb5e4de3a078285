"""What an engine cannot carry of a policy, and what that means.

`tests/engines` runs the corpus through the engines: what fails there is what is named here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ..cors.place import Place
from ..policy.model import Limits, Policy, Timeouts
from . import exchange_losses
from .names import (
    CADDY,
    DIALECTS,
    ENVOY,
    ENVOY_GATEWAY,
    HAPROXY,
    ISTIO,
    NGINX,
    TRAEFIK,
)
from .uses import Uses

# The keys of losses that are about requests, and not about a key of the policy.
REPEATED: Final = "repeated headers"
LISTS: Final = "lists without spaces"
PATHS: Final = "paths"
BODIES: Final = "server.limits.body_bytes"


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that differs from what the proxy itself would do.

    `refusal`: a request that the policy refuses would reach the API.
    """

    key: str
    route: str  # its name; "" for all
    place: Place | None
    meaning: str
    refusal: bool = False

    def __str__(self) -> str:
        where = f"{self.place.exact}  " if self.place is not None else ""
        route = f", route {self.route}" if self.route else ""
        lost = "REFUSAL LOST: " if self.refusal else ""
        return f"{where}{self.key}{route}: {lost}{self.meaning}"


def losses(engine: str, policy: Policy) -> list[Loss]:
    """Those that can be told from the policy."""
    return [
        *_of_asking(engine, policy),
        *_of_responses(engine, policy),
        *_of_exchanges(engine, policy),
        *_of_server(engine, policy),
        *_of_forwarding(policy),
    ]


def _of_asking(engine: str, policy: Policy) -> Iterator[Loss]:
    decide, place = policy.decide, policy.places.get("decide")
    if decide is None:
        yield Loss("decide", "", place, f"no listener answers what {engine} asks", refusal=True)
    elif decide.dialect != DIALECTS[engine]:
        meaning = {
            NGINX: "nginx takes the 204 that answers a preflight for a yes, so preflights reach the API",
            HAPROXY: "its Lua cannot ask with the client's method, so another request would be decided",
            CADDY: "Caddy asks with a GET, so another request would be decided",
            TRAEFIK: "its plugin asks with a GET, so another request would be decided",
            ENVOY: "Envoy sets no header that describes the request, so the client could send them",
        }.get(engine, "Envoy asks over gRPC, so it gets no answer")
        yield Loss("decide.dialect", "", place, f"{meaning}: write dialect: {DIALECTS[engine]}", refusal=True)


def _of_responses(engine: str, policy: Policy) -> Iterator[Loss]:
    uses = Uses(policy)
    if engine in (NGINX, CADDY):
        for route, cors in uses.exposing_all():
            yield Loss(
                "cors.expose",
                route.name,
                cors.places.get("expose", route.place),
                f'{engine} cannot list the headers of a response, which "*" with credentials needs: pages'
                " read none of them. List their names",
            )
    if engine == CADDY:
        yield from _of_caddy(uses)
    if engine == TRAEFIK:
        yield Loss(
            PATHS,
            "",
            None,
            "Traefik decodes unreserved characters of a path and writes hex digits in capitals, before it"
            " asks. The path is checked as the API gets it",
        )
    if engine == ENVOY:
        yield from _of_envoy(uses, policy)

    elif DIALECTS[engine] == "grpc":
        yield from _of_grpc(engine, policy)


def _of_grpc(engine: str, policy: Policy) -> Iterator[Loss]:
    if not policy.spec.report_only:
        yield Loss(
            LISTS,
            "",
            None,
            "Envoy joins lines of one name with a comma and no space, so such a list in one line of Origin"
            " or Access-Control-Request-Method is taken for two lines: 400 instead of 403. No browser"
            " sends either",
        )
    if engine in (ISTIO, ENVOY_GATEWAY):
        yield Loss(
            PATHS,
            "",
            None,
            "it normalises paths before it asks, so the normalised path is checked, and the API gets it;"
            " the proxy refuses such a path with 400",
        )


def _of_caddy(uses: Uses) -> Iterator[Loss]:
    for route in uses.routes:
        if route.amp is not None and route.amp.source_origin == "strip" and route.mode != "report":
            yield Loss(
                "amp.source_origin",
                route.name,
                route.amp.place,
                "with __amp_source_origin Caddy also removes empty members of the query (&&)",
            )


def _of_envoy(uses: Uses, policy: Policy) -> Iterator[Loss]:
    for route in uses.routes:
        if route.cors is not None and route.cors.preflight_status != 204 and route.mode != "report":
            yield Loss(
                "cors.preflight.status",
                route.name,
                route.cors.places.get("preflight", route.place),
                "Envoy takes 200 for a yes, so preflights are answered with 204. Browsers take both",
            )
    if not policy.spec.report_only:
        yield Loss(
            REPEATED,
            "",
            None,
            "Envoy joins lines of one name, so a list in one line of Origin or"
            " Access-Control-Request-Method is taken for two lines: 400 instead of 403. No browser sends"
            " either",
        )


def _of_exchanges(engine: str, policy: Policy) -> Iterator[Loss]:
    uses = Uses(policy)
    entries = [
        *(() if policy.spec.report_only else exchange_losses.ENFORCED),
        *(exchange_losses.GRANTED if len(uses.hands_off) < len(uses.routes) else ()),
        *exchange_losses.ALWAYS,
    ]
    yield from (Loss(key, "", None, meaning) for key, engines, meaning in entries if engine in engines)
    for key, engines, meaning in exchange_losses.HANDS_OFF:
        if engine in engines:
            yield from (Loss(key, route.name, route.place, meaning) for route in uses.hands_off)


def _of_server(engine: str, policy: Policy) -> Iterator[Loss]:
    limits, place = policy.server.limits, policy.places.get("server.limits")
    if limits.body_bytes and engine not in (NGINX, CADDY):
        yield Loss(
            BODIES,
            "",
            place,
            "only a Content-Length counts: a body in chunks passes, however long it is. Limit it there",
        )
    for key, given, default in (
        ("server.limits", replace(limits, body_bytes=0), Limits()),
        ("server.timeouts", policy.server.timeouts, Timeouts()),
    ):
        if given != default:
            yield Loss(key, "", policy.places.get(key), "those of requests are the engine's own")


# Keys about forwarding: the engine forwards, and the proxy's own way to the API is not used.
_FORWARDING: Final = {
    "strip_prefix": "the prefix stays",
    "rewrite_location": "Location passes as the API sent it",
    "upstream_origin": "the API gets the client's Origin",
    "upstream_host": "the API gets the client's Host",
    "upstream": "requests go to the upstream of the top level",
    "limits": "the limits of the engine count",
    "timeouts": "the timeouts of the engine count",
}


def _of_forwarding(policy: Policy) -> Iterator[Loss]:
    default = policy.forwarding[-1]
    for route in Uses(policy).routes:
        own = policy.forwarding[route.index]
        differs = {
            "strip_prefix": bool(own.strip_prefix),
            "rewrite_location": own.rewrite_location,
            "upstream_origin": own.origin != "keep",
            "upstream_host": not own.preserve_host,
            "upstream": own.upstream != default.upstream,
            "limits": own.limits != default.limits,
            "timeouts": own.timeouts != default.timeouts,
        }
        for key, found in differs.items():
            if found:
                yield Loss(key, route.name, route.place, f"{_FORWARDING[key]}, unless you write it there")
