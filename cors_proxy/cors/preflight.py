"""Row 2: a preflight is always answered here, never forwarded (https://fetch.spec.whatwg.org/#cors-preflight-fetch).

Origin, method, headers and private network pass, or it is refused: by 403 without any Access-Control-* header.  But an allowed origin that
asks for a method or a header too much gets what passed, and lacks what did not (row 2b), so that a browser's console names the cause."""

from . import foreign, own_origin, request_headers
from .decision import Answer, Forward, Grant, Line, Lines, Refuse
from .names import SAFELISTED_METHODS, UNCOVERED, grantable_header, is_token
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
        told = rules.told.get(reason)
        if told is not None and allowed is not None and names is not None:
            grant = _passed(route, rules, allowed, method, names, told)
            return Refuse(
                reason, "preflight", route.where(key), grant, detail, status=route.cors.preflight_status
            )
        return Refuse(reason, "preflight", route.where(key), rules.bare, detail)
    if allowed is None:
        return Answer(
            Reason.OWN_ORIGIN,
            "preflight",
            own_origin.place(site, request),
            rules.bare,
            status=route.cors.preflight_status,
        )
    grant = _grant(route, rules, allowed, method, names or [], request.acrpn)
    return Answer(
        Reason.PREFLIGHT_ALLOWED, "preflight", allowed.rule, grant, status=route.cors.preflight_status
    )


def _fault(
    route: Route, rules: Preflights, method: bytes, names: list[bytes] | None, network: bytes | None
) -> tuple[Reason, str, bytes | None] | None:
    """The first check that fails, in the browser's order: the reason, the key that decides it, and what it is about."""
    if method not in route.methods:
        return (
            (Reason.METHOD_NOT_ALLOWED if is_token(method) else Reason.REQUEST_METHOD_MALFORMED),
            "methods",
            method,
        )
    if names is None:
        return Reason.REQUEST_HEADERS_MALFORMED, "headers", None
    for name in names:
        if name not in rules.headers and not _any(rules, name):
            return Reason.HEADER_NOT_ALLOWED, "headers", name
    if network == b"true" and not route.cors.private_network:
        return Reason.PRIVATE_NETWORK, "private_network", None
    return None


def _any(rules: Preflights, name: bytes) -> bool:
    return rules.any_header and name not in UNCOVERED and grantable_header(name)


def _grant(
    route: Route,
    rules: Preflights,
    allowed: Forward,
    method: bytes,
    names: list[bytes],
    network: bytes | None,
) -> Grant:
    lines: list[Line] = list(allowed.grant.lines[: rules.shared])
    if rules.full:
        lines += rules.all_methods
        if (
            not rules.all_methods
        ):  # `methods: "*"` with credentials, where a star would be a method of that name
            lines.append((_METHODS, method))
        # Under `headers: "*"` by name, too: a browser would take a star for what it does not cover here.
        asked = [name for name in names if name not in rules.headers]
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


def _passed(
    route: Route, rules: Preflights, allowed: Forward, method: bytes, names: list[bytes], told: Lines
) -> Grant:
    """Row 2b: a safelisted method goes unnamed and passes in browsers; the request itself is refused then, readably (row 6)."""
    passed = [name for name in names if name in rules.headers or _any(rules, name)]
    asked = _asked(method if method in route.methods else b"GET", passed)
    return Grant((*allowed.grant.lines[: rules.shared], *asked, *told), rules.bare.vary)
