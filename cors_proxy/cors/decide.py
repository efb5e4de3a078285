"""Every decision: the branches follow the table of DESIGN 4 in its order.  Pure: a request, a route, a site, and nothing else.

A request with Origin is judged by it whatever its mode or method (https://fetch.spec.whatwg.org/#origin-header: browsers send it with every
cross-origin CORS request and with every request that is neither GET nor HEAD); one without, by AMP-Same-Origin or fetch metadata."""

from dataclasses import replace

from . import amp_email, fetch_metadata, foreign, own_origin, preflight
from .amp import check_source_origin, without_source_origin
from .decision import Decision, Forward, Refuse
from .reason import Reason
from .request import Request
from .site import Amp, Route, Site


def decide(site: Site, route: Route, request: Request, path_fault: Reason | None) -> Decision:
    """`route` and `path_fault` are what `site.match` found."""
    # 1: ambiguous input is never granted anything
    fault = request.fault or path_fault
    if fault is not None:
        return Refuse(fault, _kind(request), None, route.silent, request.fault_header, status=400)
    if site.hosts is not None and not site.hosts.allows(request.host):  # RFC 9110 §15.5.20
        return Refuse(Reason.HOST_NOT_ALLOWED, _kind(request), site.hosts_place, route.silent, status=421)
    # 0: `cors: off`
    if route.hands_off:
        kind = _kind(request)
        return route.off if kind == "request" else replace(route.off, kind=kind)
    # 2, 2b: https://fetch.spec.whatwg.org/#cors-preflight-request
    if route.preflights is not None and request.preflight:
        return preflight.decide(site, route, request, route.preflights)
    # 12: what a WebSocket handshake may differs in a few rows
    decision = _handshake(site, route, request) if request.websocket else _rows(site, route, request)
    if route.strips_source_origin:
        target = without_source_origin(request)
        return decision if target is None else replace(decision, target=target)
    return decision


def _rows(site: Site, route: Route, request: Request) -> Forward | Refuse:
    """Rows 2c to 11."""
    if route.amp is not None:
        # 2c
        refused = check_source_origin(route, route.amp, request)
        if refused is not None:
            return refused
    elif route.email is not None:
        # 3b
        return amp_email.decide(route, route.email, request)
    origin = request.origin
    if origin is None:
        return (
            _same_origin(route, route.amp, request)
            if route.amp is not None
            else _without_origin(route, request)
        )
    # 3: the publisher's set is asked before the own origin
    allowed = None if route.amp is None else route.amp.publishers.get(origin)
    if allowed is None:
        # 4
        if own_origin.is_own(site, request):
            return Forward(Reason.OWN_ORIGIN, "request", own_origin.place(site, request), route.plain)
        allowed = route.allow(origin)
    if allowed is not None:
        # 5: https://fetch.spec.whatwg.org/#http-access-control-allow-origin
        if request.method in route.methods:
            return allowed
        # 6: with the grant, so that the page can read why
        return Refuse(
            Reason.METHOD_NOT_ALLOWED, "request", route.where("methods"), allowed.grant, request.method
        )
    # 7: a socket can be read, so sending is not enough for one
    if not request.websocket:
        rule = route.accept_from.find(origin)
        if rule is not None:
            return Forward(Reason.ACCEPT_FROM, "request", rule.place, route.plain)
    # 8: the API's own forms under `Referrer-Policy: no-referrer`
    if origin == b"null" and request.fetch_site == b"same-origin":
        return (
            _same_origin(route, route.amp, request)
            if route.amp is not None
            else _without_origin(route, request)
        )
    # 9
    return foreign.refuse(route, request, "request", route.plain)


def _same_origin(route: Route, amp: Amp, request: Request) -> Forward | Refuse:
    """Row 10: no other origin's page can send AMP-Same-Origin, as no preflight ever allows it."""
    if request.amp_same_origin != b"true" or request.fetch_site not in (None, b"same-origin"):
        return Refuse(Reason.AMP_SAME_ORIGIN_MISSING, "request", route.amp_place, route.plain)
    return amp.same_origin if request.origin is None else replace(amp.same_origin, grant=route.plain)


def _without_origin(route: Route, request: Request) -> Forward | Refuse:
    """Row 11."""
    rule = route.cors.without_origin
    if rule == "deny":
        return Refuse(Reason.MISSING_ORIGIN, "request", route.where("without_origin"), route.plain)
    if rule == "fetch-metadata" and fetch_metadata.cross_site(request.method, request.fetch_site):
        return Refuse(Reason.CROSS_SITE, "request", route.where("without_origin"), route.by_metadata)
    return route.no_origin


def _handshake(site: Site, route: Route, request: Request) -> Forward | Refuse:
    """Row 12: no browser checks the answer to a handshake, and nobody reads a refusal's body: a socket's 403 carries no grant."""
    if not route.cors.websocket:
        return Refuse(Reason.WEBSOCKET_DENIED, "websocket", route.where("websocket"), route.silent)
    decision = _rows(site, route, request)
    if isinstance(decision, Refuse):
        return replace(decision, kind="websocket", grant=route.silent)
    return replace(decision, kind="websocket")


def _kind(request: Request) -> str:
    return "preflight" if request.preflight else "websocket" if request.websocket else "request"
