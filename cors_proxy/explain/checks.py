"""Every check in its order, with its verdict and the line that decides it: the proxy's by the rows of its table, the browser's by Fetch.

What failed is said by `decide` and by `cors.fetch`; all that comes before it in the order has passed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..cors.decision import Line
from ..cors.escape import shown
from ..cors.fetch import Check, Failure
from ..cors.origin import parse_origin
from ..cors.own_origin import is_own, place
from ..cors.place import Place
from ..cors.reason import Reason
from ..cors.request import Request
from ..cors.site import Route, Site
from .browser_exchange import BrowserExchange

PASSING: Final = frozenset(
    {
        Reason.CORS_OFF, Reason.PREFLIGHT_ALLOWED, Reason.ORIGIN_ALLOWED, Reason.OWN_ORIGIN, Reason.ACCEPT_FROM, Reason.NO_ORIGIN,
        Reason.AMP_SAME_ORIGIN, Reason.AMP_EMAIL_SENDER,
    }
)  # fmt: skip
_STAGES: Final = {
    Reason.REPEATED_HEADER: "unambiguous",
    Reason.HEADER_BYTES: "unambiguous",
    Reason.AMBIGUOUS_PATH: "unambiguous",
    Reason.HOST_NOT_ALLOWED: "host",
    Reason.WEBSOCKET_DENIED: "websocket",
    Reason.METHOD_NOT_ALLOWED: "method",
    Reason.REQUEST_METHOD_MALFORMED: "method",
    Reason.HEADER_NOT_ALLOWED: "headers",
    Reason.REQUEST_HEADERS_MALFORMED: "headers",
    Reason.PRIVATE_NETWORK: "private network",
}  # all others: origin
_ORDERS: Final = {
    "preflight": ("unambiguous", "host", "origin", "method", "headers", "private network"),
    "request": ("unambiguous", "host", "origin", "method"),
    "websocket": ("unambiguous", "host", "websocket", "origin", "method"),
}
TEXTS: Final = {
    Reason.CORS_OFF: "cors: off: nothing is judged here, the API's own CORS headers come back as they are",
    Reason.ACCEPT_FROM: "{origin} is in accept_from: it may send here, and read nothing",
    Reason.NO_ORIGIN: "the request carries no Origin; without_origin lets it pass",
    Reason.AMP_SAME_ORIGIN: "AMP-Same-Origin: true, which no other origin's page can send",
    Reason.AMP_EMAIL_SENDER: "the email's sender is listed",
    Reason.REPEATED_HEADER: "the header {detail} stands there more than once",
    Reason.HEADER_BYTES: "the header {detail} holds bytes outside printable ASCII",
    Reason.AMBIGUOUS_PATH: "the path can be read as another one: dot segments, empty segments, an encoded slash, a backslash, #;"
    " or as another route's, by its case, parameters, final dots, spaces or slash",
    Reason.HOST_NOT_ALLOWED: "the Host {host} is not one of hosts",
    Reason.ORIGIN_NOT_ALLOWED: "{origin} is not allowed: it is not in origins",
    Reason.ORIGIN_NULL: "null is not allowed: any page can take that origin, in a sandboxed frame",
    Reason.ORIGIN_MALFORMED: "{origin} is not allowed: it is not an origin as browsers send one",
    Reason.ORIGIN_LOOKS_OWN: "{origin} is not allowed, but looks like the API's own origin",
    Reason.METHOD_NOT_ALLOWED: "{detail} is not one of methods",
    Reason.HEADER_NOT_ALLOWED: "{detail} is not one of headers",
    Reason.REQUEST_HEADERS_MALFORMED: "the list of asked headers is malformed, or too long",
    Reason.REQUEST_METHOD_MALFORMED: "the asked method is malformed",
    Reason.PRIVATE_NETWORK: "private_network is false",
    Reason.MISSING_ORIGIN: "the request carries no Origin, and without_origin is deny",
    Reason.CROSS_SITE: "the request carries no Origin, and its browser says that another site made it",
    Reason.AMP_SAME_ORIGIN_MISSING: "an AMP route takes a request without Origin only with exactly one AMP-Same-Origin: true",
    Reason.AMP_SOURCE_ORIGIN: "__amp_source_origin is not a publisher",
    Reason.AMP_SENDER_NOT_ALLOWED: "the email's sender is not listed",
    Reason.WEBSOCKET_DENIED: "no WebSocket may be opened here",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: `rule` is the line that decides it."""

    name: str
    passed: bool
    text: str
    rule: Place | None = None


def proxy_checks(site: Site, made: BrowserExchange) -> list[Checked]:
    """In the order of the decision table, up to the one that fails."""
    decision, request, route = made.decision, made.request, made.route
    if decision.reason is Reason.CORS_OFF:
        return [
            Checked("unambiguous", True, "the request is unambiguous"),
            Checked("origin", True, _text(made), decision.rule),
        ]
    failed = None if decision.reason in PASSING else _STAGES.get(decision.reason, "origin")
    found = []
    for stage in _ORDERS[decision.kind]:
        if stage == failed:
            found.append(Checked(stage, False, _text(made), decision.rule))
            break
        passed = _passed(site, route, request, stage, made)
        if passed is not None:
            found.append(passed)
    return found


def _text(made: BrowserExchange) -> str:
    decision, request = made.decision, made.request
    return TEXTS[decision.reason].format(
        origin=shown(request.origin or b"(empty)"),
        host=shown(request.host),
        detail=shown(decision.detail or b""),
    )


def _passed(site: Site, route: Route, request: Request, stage: str, made: BrowserExchange) -> Checked | None:
    """None where there was nothing to check."""
    if stage == "unambiguous":
        return Checked(stage, True, "the request is unambiguous")
    if stage == "host":
        return (
            Checked(stage, True, f"{shown(request.host)} is one of hosts", site.hosts_place)
            if site.hosts is not None
            else None
        )
    if stage == "websocket":
        return Checked(stage, True, "WebSockets may be opened here", route.cors.places.get("websocket"))
    if stage == "origin":
        if made.decision.reason in TEXTS and made.decision.reason in PASSING:
            return Checked(stage, True, _text(made), made.decision.rule)
        return _origin(site, route, request)
    if (
        made.decision.reason not in (Reason.ORIGIN_ALLOWED, Reason.PREFLIGHT_ALLOWED)
        and made.decision.reason in PASSING
    ):
        return (
            Checked(stage, True, "not asked: methods is for the origins that are allowed to read")
            if stage == "method"
            else None
        )
    if stage == "method":
        asked = request.acrm if made.decision.kind == "preflight" else request.method
        return Checked(
            stage, True, f"{shown(asked or b'')} is one of methods", route.cors.places.get("methods")
        )
    if stage == "headers" and request.acrh:
        return Checked(
            stage, True, f"{shown(b','.join(request.acrh))}: all of headers", route.cors.places.get("headers")
        )
    return None


def _origin(site: Site, route: Route, request: Request) -> Checked:
    origin = request.origin or b""
    publisher = None if route.amp is None else route.amp.publishers.get(origin)
    if publisher is not None:
        return Checked(
            "origin", True, f"{shown(origin)} is the publisher, or its page in a cache", publisher.rule
        )
    if is_own(site, request):
        return Checked("origin", True, f"{shown(origin)} is the API's own origin", place(site, request))
    forward = route.allow(origin)
    rule = None if forward is None else forward.rule
    return Checked("origin", True, f"{shown(origin)} is one of origins", rule)


# Fetch's order, and the policy's key that an answer of ours owes the result to.
_CORS_CHECK: Final = (
    ("Access-Control-Allow-Origin", "origins", frozenset({
        Check.MISSING_ALLOW_ORIGIN, Check.MULTIPLE_ALLOW_ORIGIN, Check.INVALID_ALLOW_ORIGIN, Check.ALLOW_ORIGIN_MISMATCH,
        Check.WILDCARD_ORIGIN,
    })),
    ("Access-Control-Allow-Credentials", "credentials", frozenset({Check.INVALID_ALLOW_CREDENTIALS})),
)  # fmt: skip
_PREFLIGHT: Final = (
    ("status 200 to 299", "", frozenset({Check.PREFLIGHT_STATUS, Check.PREFLIGHT_REDIRECT})),
    (
        "Access-Control-Allow-Methods",
        "methods",
        frozenset({Check.INVALID_ALLOW_METHODS, Check.METHOD_DISALLOWED}),
    ),
    (
        "Access-Control-Allow-Headers",
        "headers",
        frozenset({Check.INVALID_ALLOW_HEADERS, Check.HEADER_DISALLOWED}),
    ),
)
FAILURES: Final = {
    Check.MISSING_ALLOW_ORIGIN: "it is missing",
    Check.MULTIPLE_ALLOW_ORIGIN: "it has several values: {value}",
    Check.INVALID_ALLOW_ORIGIN: "{value} is no origin",
    Check.ALLOW_ORIGIN_MISMATCH: "{value} is not the page's origin",
    Check.WILDCARD_ORIGIN: "* is not enough for a request with credentials",
    Check.INVALID_ALLOW_CREDENTIALS: "it must be true for a request with credentials",
    Check.PREFLIGHT_STATUS: "it is {value}",
    Check.PREFLIGHT_REDIRECT: "it is {value}, a redirect",
    Check.INVALID_ALLOW_METHODS: "{value} is no list of methods",
    Check.INVALID_ALLOW_HEADERS: "{value} is no list of names",
    Check.METHOD_DISALLOWED: "it lacks {value}",
    Check.HEADER_DISALLOWED: "it lacks {value}",
}


def browser_checks(
    route: Route,
    lines: Sequence[Line],
    status: int,
    failure: Failure | None,
    credentials: bool,
    preflight: bool,
    asked: bool,
) -> list[Checked]:
    """In Fetch's order, up to the one that fails; `asked`: the preflight names headers."""
    found: list[Checked] = []
    for name, key, checks in (*_CORS_CHECK, *(_PREFLIGHT if preflight else ())):
        rule = route.cors.places.get(key)
        if failure is not None and failure.check in checks:
            if failure.check is Check.WILDCARD_ORIGIN:
                rule = route.cors.places.get("credentials", rule)
            return [
                *found,
                Checked(name, False, FAILURES[failure.check].format(value=shown(failure.value)), rule),
            ]
        skipped = (key == "credentials" and not credentials) or (key == "headers" and not asked)
        if not skipped:
            values = [value for line, value in lines if line.lower() == name.lower().encode("ascii")]
            text = (
                str(status)
                if key == ""
                else ", ".join(map(shown, values)) or "not needed: GET, HEAD and POST always pass"
            )
            found.append(Checked(name, True, text, rule))
    return found


def is_origin(value: bytes) -> bool:
    return value == b"null" or parse_origin(value) is not None
