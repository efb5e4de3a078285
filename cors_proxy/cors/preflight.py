"""Row 2: a preflight is always answered here, never forwarded.

https://fetch.spec.whatwg.org/#cors-preflight-fetch-0, step 7, in its order: the origin (the CORS
check), then the method (7.5), then the names of the headers (7.6, 7.7).  The answer is made so that
the browser's steps come to the same result as ours.

If one of them fails, the answer is 403 without any Access-Control-* header.  Row 2b: an allowed
origin that asks for a method or a header too much gets a success that grants what passed, and lacks
what did not.  A browser stops there too, and its console names the true cause; after a 403 it would
say that Access-Control-Allow-Origin is missing."""

from dataclasses import replace
from typing import Final

from . import foreign, own_origin, request_headers
from .decision import Answer, Forward, Grant, Line, Lines, Refuse
from .names import SAFELISTED_METHODS, UNCOVERED, grantable_header, is_token
from .reason import Reason
from .request import Request
from .site import Preflights, Route, Site

_METHODS: Final = b"Access-Control-Allow-Methods"
_HEADERS: Final = b"Access-Control-Allow-Headers"
# https://wicg.github.io/private-network-access/
_PRIVATE_NETWORK: Final = (b"Access-Control-Allow-Private-Network", b"true")


def decide(site: Site, route: Route, request: Request, rules: Preflights) -> Answer | Refuse:
    """`rules` are those of the route."""
    origin = request.origin or b""
    status = route.cors.preflight_status
    # Step 7, the CORS check: a publisher (row 3), the own origin (row 4), an allowed one (row 5).
    # Under `origins: "*"` the own origin gets the constant as well.
    allowed = None if route.amp is None else route.amp.publishers.get(origin)
    own = allowed is None and own_origin.is_own(site, request)
    if allowed is None and (not own or route.any_origin is not None):
        allowed = route.allow(origin)
    method = request.acrm or b""
    names = request_headers.parse(request.acrh)
    if allowed is None and not own:
        refusal = foreign.refuse(route, request, "preflight", rules.no_grant)
        return replace(refusal, refused=_refused(route, rules, method, names))
    # Steps 7.5 to 7.7
    fault = _fault(route, rules, method, names, request.acrpn)
    if fault is not None:
        reason, key, detail = fault
        refused = _refused(route, rules, method, names)
        because = rules.refusal_lines.get(reason)
        if because is None or allowed is None or names is None:
            return Refuse(reason, "preflight", route.where(key), rules.no_grant, detail, refused=refused)
        grant = _grant_what_passed(route, rules, allowed, method, names, because)
        return Refuse(reason, "preflight", route.where(key), grant, detail, status=status, refused=refused)
    if allowed is None:
        place = own_origin.place(site, request)
        return Answer(Reason.OWN_ORIGIN, "preflight", place, rules.no_grant, status=status)
    grant = _grant(rules, allowed, method, names or [], request.acrpn)
    return Answer(Reason.PREFLIGHT_ALLOWED, "preflight", allowed.rule, grant, status=status)


def _fault(
    route: Route, rules: Preflights, method: bytes, names: list[bytes] | None, network: bytes | None
) -> tuple[Reason, str, bytes | None] | None:
    """The first check that fails: the reason, the key of the policy, and what it is about."""
    if method not in route.methods:
        if is_token(method):
            return Reason.METHOD_NOT_ALLOWED, "methods", method
        return Reason.REQUEST_METHOD_MALFORMED, "methods", method
    if names is None:
        return Reason.REQUEST_HEADERS_MALFORMED, "headers", None
    for name in names:
        if not allows_header(rules, name):
            return Reason.HEADER_NOT_ALLOWED, "headers", name
    if network == b"true" and not route.cors.private_network:
        return Reason.PRIVATE_NETWORK, "private_network", None
    return None


def _refused(route: Route, rules: Preflights, method: bytes, names: list[bytes] | None) -> tuple[bytes, ...]:
    """All that the policy does not allow, not only the first: the method, then header names."""
    refused = [] if method in route.methods else [method]
    return tuple(refused + [name for name in names or () if not allows_header(rules, name)])


def allows_header(rules: Preflights, name: bytes) -> bool:
    """Whether a preflight may ask for a header (its name in lower case)."""
    return name in rules.headers or _covered_by_star(rules, name)


def _covered_by_star(rules: Preflights, name: bytes) -> bool:
    """Whether `headers: "*"` allows a header that the policy does not name."""
    return rules.any_header and name not in UNCOVERED and grantable_header(name)


def _grant(
    rules: Preflights, allowed: Forward, method: bytes, names: list[bytes], network: bytes | None
) -> Grant:
    """What a preflight that passes gets."""
    lines: list[Line] = list(allowed.grant.preflight_lines)
    if rules.full:
        lines += rules.all_methods
        if not rules.all_methods:
            # `methods: "*"` with credentials: a star would be the name of a method
            # (https://fetch.spec.whatwg.org/#cors-protocol-and-credentials)
            lines.append((_METHODS, method))
        # Under `headers: "*"` the asked ones by name, too.  A star would allow a browser without
        # credentials every name, also those that have to be named here.
        asked = [name for name in names if name not in rules.headers]
        value = b",".join(([rules.all_headers] if rules.all_headers else []) + asked)
        if value:
            lines.append((_HEADERS, value))
    else:
        lines += _asked_lines(method, names)
    lines += rules.max_age
    if network == b"true":
        lines.append(_PRIVATE_NETWORK)
    return Grant(tuple(lines), rules.no_grant.vary)


def _asked_lines(method: bytes, names: list[bytes]) -> list[Line]:
    """What was asked for, and nothing more.  GET, HEAD and POST pass unnamed (step 7.5)."""
    lines = [] if method in SAFELISTED_METHODS else [(_METHODS, method)]
    if names:
        lines.append((_HEADERS, request_headers.join(names)))
    return lines


def _grant_what_passed(
    route: Route, rules: Preflights, allowed: Forward, method: bytes, names: list[bytes], because: Lines
) -> Grant:
    """Row 2b.  A browser lets a safelisted method pass although it is not named; the request itself
    is refused then, readably (row 6)."""
    passed = [name for name in names if allows_header(rules, name)]
    asked = _asked_lines(method if method in route.methods else b"GET", passed)
    return Grant((*allowed.grant.preflight_lines, *asked, *because), rules.no_grant.vary)
