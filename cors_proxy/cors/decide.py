"""Every decision.  The branches follow docs/decision-table.md in its order; `# 5` is its row 5.

Pure: a request, a route, a site, and nothing else.  A request with Origin is judged by its Origin,
whatever its mode or method, because browsers send Origin with every cross-origin CORS request and
with every request that is neither GET nor HEAD (https://fetch.spec.whatwg.org/#origin-header).
A request without Origin is judged by AMP-Same-Origin or by fetch metadata."""

from dataclasses import replace

from . import amp_email, fetch_metadata, foreign, isolation, own_origin, preflight, storage_access
from .amp import check_source_origin, without_source_origin
from .decision import Decision, Forward, Refuse
from .literals import Kind
from .origin import parse_origin
from .reason import Reason
from .request import Request
from .site import Amp, Route, Site


def decide(site: Site, route: Route, request: Request, path_fault: Reason | None) -> Decision:
    """`route` and `path_fault` are what `site.match` found."""
    # 1: an ambiguous request is never granted anything, because the upstream may read another one
    fault = request.fault or path_fault
    if fault is not None:
        return Refuse(fault, _kind(request), None, route.no_grant, request.fault_header, status=400)
    # 421: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.20
    if site.hosts is not None and not site.hosts.allows(request.host):
        return Refuse(Reason.HOST_NOT_ALLOWED, _kind(request), site.hosts_place, route.no_grant, status=421)
    # 0: `cors: off`
    if route.hands_off:
        kind = _kind(request)
        return route.off if kind == "request" else replace(route.off, kind=kind)
    # 2, 2b: https://fetch.spec.whatwg.org/#cors-preflight-request
    if route.preflights is not None and request.preflight:
        return preflight.decide(site, route, request, route.preflights)
    # 12: https://www.rfc-editor.org/rfc/rfc6455#section-10.2
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
    # https://fetch.spec.whatwg.org/#http-cors-protocol: without Origin it is no CORS request
    origin = request.origin
    if origin is None:
        return _no_origin(route, request)
    # 3: before the own origin, because a publisher's page needs the grant even where it is the own
    # origin
    allowed = None if route.amp is None else route.amp.publishers.get(origin)
    if allowed is None:
        # 4: https://html.spec.whatwg.org/#same-origin
        if own_origin.is_own(site, request):
            place = own_origin.place(site, request)
            return Forward(Reason.OWN_ORIGIN, "request", place, route.grant_for_anyone)
        allowed = route.allow(origin)
    if allowed is not None:
        # 5: https://fetch.spec.whatwg.org/#http-access-control-allow-origin
        if request.method in route.methods:
            retry = route.retry
            if retry is not None and storage_access.may_retry(request):
                return retry.instead_of(allowed, origin)
            return allowed
        # 6: https://fetch.spec.whatwg.org/#http-access-control-allow-methods holds for preflights
        # only.  A method that needs none (POST) is stopped here, with the grant, so that the page
        # can read why
        place = route.where("methods")
        return Refuse(Reason.METHOD_NOT_ALLOWED, "request", place, allowed.grant, request.method)
    # 7: not for a socket, because a page can read what comes over it
    if not request.websocket:
        accepted = route.accept(origin)
        if accepted is not None:
            return Forward(Reason.ACCEPT_FROM, "request", accepted, route.grant_for_anyone)
    # 8: https://fetch.spec.whatwg.org/#append-a-request-origin-header
    # The API's own forms send `null` under `Referrer-Policy: no-referrer`.  A page of another site
    # cannot send `same-origin` beside it
    if origin == b"null" and request.fetch_site == b"same-origin":
        return _no_origin(route, request)
    # 8b: https://privacycg.github.io/storage-access-headers/
    if (
        request.storage_access is not None
        and route.amp is None
        and isolation.is_embedded(request)
        and (origin == b"null" or parse_origin(origin) is not None)
    ):
        return _without_origin(route, request)
    # 9
    return foreign.refuse(route, request, "request", route.grant_for_anyone)


def _no_origin(route: Route, request: Request) -> Forward | Refuse:
    """A request without Origin, or of row 8."""
    if route.amp is not None:
        return _amp_same_origin(route, route.amp, request)
    return _without_origin(route, request)


def _amp_same_origin(route: Route, amp: Amp, request: Request) -> Forward | Refuse:
    """Row 10: a page of another origin cannot send AMP-Same-Origin, as no preflight ever allows
    it."""
    if request.amp_same_origin != b"true" or request.fetch_site not in (None, b"same-origin"):
        return Refuse(Reason.AMP_SAME_ORIGIN_MISSING, "request", route.amp_place, route.grant_for_anyone)
    # With `Origin: null` (row 8) the publisher's grant would not be the asking origin's
    return (
        amp.same_origin if request.origin is None else replace(amp.same_origin, grant=route.grant_for_anyone)
    )


def _without_origin(route: Route, request: Request) -> Forward | Refuse:
    """Row 11: `without_origin`."""
    rule = route.cors.without_origin
    if rule == "deny":
        place = route.where("without_origin")
        return Refuse(Reason.MISSING_ORIGIN, "request", place, route.grant_for_anyone)
    if rule == "allow":
        return route.no_origin
    # The rule of `fetch-metadata` holds under `isolate` too, in every form of it
    refused = fetch_metadata.cross_site(request.method, request.fetch_site)
    if not refused and rule == "isolate" and isolation.refuses(route, request):
        if route.cors.isolation.report:
            return route.cross_site_reported
        refused = True
    if refused:
        place = route.where("without_origin")
        return Refuse(Reason.CROSS_SITE, "request", place, route.grant_by_metadata)
    return route.no_origin


def _handshake(site: Site, route: Route, request: Request) -> Forward | Refuse:
    """Row 12: a browser makes no CORS check of the answer to a handshake, so it has to be refused
    here (RFC 6455 §10.2).  No page can read the body of that refusal, so it carries no grant."""
    if not route.cors.websocket:
        return Refuse(Reason.WEBSOCKET_DENIED, "websocket", route.where("websocket"), route.no_grant)
    decision = _rows(site, route, request)
    if isinstance(decision, Refuse):
        return replace(decision, kind="websocket", grant=route.no_grant)
    return replace(decision, kind="websocket")


def _kind(request: Request) -> Kind:
    return "preflight" if request.preflight else "websocket" if request.websocket else "request"
