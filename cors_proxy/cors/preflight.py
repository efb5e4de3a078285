"""Row 2: a preflight is always answered here, never forwarded (https://fetch.spec.whatwg.org/#cors-preflight-fetch).

All or nothing: origin, method, headers and private network pass, or it is 403 without any Access-Control-* header.  Under `debug` (row 2b)
an allowed origin's failing preflight gets what passed, and lacks what did not, so that a browser's console names the true cause."""

from dataclasses import replace

from . import foreign, own_origin, request_headers
from .decision import Answer, Forward, Grant, Line, Refuse
from .names import AUTHORIZATION, SAFELISTED_METHODS, grantable_header, is_token
from .reason import Reason
from .request import Request
from .site import Preflights, Route, Site

_METHODS = b"Access-Control-Allow-Methods"
_HEADERS = b"Access-Control-Allow-Headers"
_PRIVATE_NETWORK = (b"Access-Control-Allow-Private-Network", b"true")


def decide(site: Site, route: Route, request: Request, rules: Preflights) -> Answer | Refuse:
    """`rules` are those of the route."""
    origin = request.origin or b""
    allowed = None if route.amp is None else route.amp.publishers.get(origin)
    own = allowed is None and own_origin.is_own(site, request)
    if allowed is None and (not own or route.everyone is not None):
        allowed = route.allow(origin)
    if allowed is None and not own:
        return foreign.refuse(route, request, "preflight", rules.bare)
    method = request.acrm or b""
    names = request_headers.parse(request.acrh)
    fault = _fault(route, rules, method, names, request.acrpn)
    if fault is not None:
        reason, key, detail = fault
        if site.debug and allowed is not None:
            return _debug(route, rules, allowed, method, names, Answer(reason, "preflight", route.where(key), detail=detail))
        return Refuse(reason, "preflight", route.where(key), rules.bare, detail)
    if allowed is None:
        return Answer(Reason.OWN_ORIGIN, "preflight", own_origin.place(site, request), rules.bare, status=route.cors.preflight_status)
    grant = _grant(route, rules, allowed, method, names or [], request.acrpn)
    return Answer(Reason.PREFLIGHT_ALLOWED, "preflight", allowed.rule, grant, status=route.cors.preflight_status)


def _fault(
    route: Route, rules: Preflights, method: bytes, names: list[bytes] | None, network: bytes | None
) -> tuple[Reason, str, bytes | None] | None:
    """The first check that fails, in the browser's order: the reason, the key that decides it, and what it is about."""
    if method not in route.methods:
        return (Reason.METHOD_NOT_ALLOWED if is_token(method) else Reason.REQUEST_METHOD_MALFORMED), "methods", method
    if names is None:
        return Reason.REQUEST_HEADERS_MALFORMED, "headers", None
    for name in names:
        if name not in rules.headers and not _any(route, name):
            return Reason.HEADER_NOT_ALLOWED, "headers", name
    if network == b"true" and not route.cors.private_network:
        return Reason.PRIVATE_NETWORK, "private_network", None
    return None


def _any(route: Route, name: bytes) -> bool:
    """`headers: "*"` never covers Authorization: https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name"""
    return route.cors.any_header and name != AUTHORIZATION and grantable_header(name)


def _grant(route: Route, rules: Preflights, allowed: Forward, method: bytes, names: list[bytes], network: bytes | None) -> Grant:
    lines: list[Line] = list(allowed.grant.lines[: rules.shared])
    if rules.full:
        lines += rules.all_methods
        if not rules.all_methods:  # `methods: "*"` with credentials, where a star would be a method of that name
            lines.append((_METHODS, method))
        asked = [name for name in names if name not in rules.headers] if route.cors.credentials else []
        value = b",".join(([rules.all_headers] if rules.all_headers else []) + asked)
        if value:
            lines.append((_HEADERS, value))
    else:
        lines += _asked(method, names)
    lines += rules.tail
    if network == b"true":
        lines.append(_PRIVATE_NETWORK)
    return Grant(tuple(lines), rules.bare.vary)


def _asked(method: bytes, names: list[bytes]) -> list[Line]:
    """What was asked for, and nothing more: GET, HEAD and POST pass without being named."""
    lines = [] if method in SAFELISTED_METHODS else [(_METHODS, method)]
    if names:
        lines.append((_HEADERS, request_headers.join(names)))
    return lines


def _debug(route: Route, rules: Preflights, allowed: Forward, method: bytes, names: list[bytes] | None, answer: Answer) -> Answer:
    passed = [name for name in names or [] if name in rules.headers or _any(route, name)]
    lines = list(allowed.grant.lines[: rules.shared])
    lines += _asked(method if method in route.methods else b"GET", passed)
    grant = Grant(tuple(lines), rules.bare.vary)
    return replace(answer, grant=grant, status=route.cors.preflight_status)
