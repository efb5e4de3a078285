"""Every check in order, with its result and the policy line that decides it.

The proxy's checks follow the rows of its decision table, the browser's follow Fetch.  `decide` and
`cors.fetch` report one failure; every check before it in the order has passed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from ..cors.escape import shown
from ..cors.fetch import Check, Failure
from ..cors.origin import parse_origin
from ..cors.own_origin import is_own, place
from ..cors.place import Place
from ..cors.reason import Reason
from ..cors.request import Request
from ..cors.site import Route, Site
from ..cors.spec import FeedRule
from .browser_exchange import BrowserExchange

PASSING: Final = frozenset(
    {
        Reason.CORS_OFF,
        Reason.PREFLIGHT_ALLOWED,
        Reason.ORIGIN_ALLOWED,
        Reason.OWN_ORIGIN,
        Reason.ACCEPT_FROM,
        Reason.NO_ORIGIN,
        Reason.AMP_SAME_ORIGIN,
        Reason.AMP_EMAIL_SENDER,
    }
)
# The check that a refusal comes from; "origin" for all reasons that are not listed.
_CHECK_OF_REASON: Final = {
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
}
_PROXY_ORDER: Final = {
    "preflight": ("unambiguous", "host", "origin", "method", "headers", "private network"),
    "request": ("unambiguous", "host", "origin", "method"),
    "websocket": ("unambiguous", "host", "websocket", "origin", "method"),
}
REASON_TEXTS: Final = {
    Reason.CORS_OFF: (
        "cors: off: the proxy checks nothing here, and the API's own CORS headers pass unchanged"
    ),
    Reason.ACCEPT_FROM: "{origin} is in accept_from: it may send requests, and may not read the response",
    Reason.NO_ORIGIN: "the request carries no Origin, and without_origin lets it pass",
    Reason.CROSS_SITE_REPORTED: (
        "another site made the request: isolate would refuse it, and only reports it"
    ),
    Reason.AMP_SAME_ORIGIN: "AMP-Same-Origin: true, which no page of another origin can send",
    Reason.AMP_EMAIL_SENDER: "the email's sender is listed",
    Reason.REPEATED_HEADER: "the request has the header {detail} more than once",
    Reason.HEADER_BYTES: "the header {detail} holds bytes outside printable ASCII",
    Reason.AMBIGUOUS_PATH: (
        "the path has a second reading: dot segments, empty segments, an encoded slash, a backslash or #;"
        " or it matches another route by its letter case, parameters, final dots, spaces or slash"
    ),
    Reason.HOST_NOT_ALLOWED: "the Host {host} is not one of hosts",
    Reason.ORIGIN_NOT_ALLOWED: "{origin} is not allowed: it is not in origins",
    Reason.ORIGIN_NULL: "null is not allowed: any page can get that origin, in a sandboxed frame",
    Reason.ORIGIN_MALFORMED: "{origin} is not allowed: no browser sends such an origin",
    Reason.ORIGIN_LOOKS_OWN: "{origin} is not allowed, but looks like the API's own origin",
    Reason.METHOD_NOT_ALLOWED: "{detail} is not one of methods",
    Reason.HEADER_NOT_ALLOWED: "{detail} is not one of headers",
    Reason.REQUEST_HEADERS_MALFORMED: "the list of requested headers is malformed or too long",
    Reason.REQUEST_METHOD_MALFORMED: "the requested method is malformed",
    Reason.PRIVATE_NETWORK: "private_network is false",
    Reason.MISSING_ORIGIN: "the request carries no Origin, and without_origin is deny",
    Reason.CROSS_SITE: "the request carries no Origin, and its browser says that another site made it",
    Reason.AMP_SAME_ORIGIN_MISSING: (
        "without Origin, an AMP route accepts only requests with exactly one AMP-Same-Origin: true"
    ),
    Reason.AMP_SOURCE_ORIGIN: "__amp_source_origin is not a publisher",
    Reason.AMP_SENDER_NOT_ALLOWED: "the email's sender is not listed",
    Reason.WEBSOCKET_DENIED: "the route does not allow WebSockets",
}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check; `rule` is the policy line that decides it."""

    name: str
    passed: bool
    text: str
    rule: Place | None = None


def proxy_checks(site: Site, exchange: BrowserExchange) -> list[CheckResult]:
    """In the order of the decision table, up to the check that fails."""
    decision = exchange.decision
    if decision.reason is Reason.CORS_OFF:
        return [
            CheckResult("unambiguous", True, "the request is unambiguous"),
            CheckResult("origin", True, _reason_text(exchange), decision.rule),
        ]
    failed = None if decision.reason in PASSING else _CHECK_OF_REASON.get(decision.reason, "origin")
    results = []
    for name in _PROXY_ORDER[decision.kind]:
        if name == failed:
            results.append(CheckResult(name, False, _reason_text(exchange), decision.rule))
            break
        if (passed := _passed(site, name, exchange)) is not None:
            results.append(passed)
    return results


def _reason_text(exchange: BrowserExchange) -> str:
    decision, request, cors = exchange.decision, exchange.request, exchange.route.cors
    text = REASON_TEXTS[decision.reason].format(
        origin=shown(request.origin or b"(empty)"),
        host=shown(request.host),
        detail=shown(decision.detail or b""),
    )
    if decision.reason is Reason.ACCEPT_FROM and (feed := _feed_at(cors.accept_feeds, decision.rule)):
        return text.replace("is in accept_from", f"is in {feed}, which accept_from names")
    if decision.reason is Reason.ORIGIN_NOT_ALLOWED and cors.origin_feeds:
        lists = zip(cors.origin_feeds, exchange.route.origin_feeds, strict=True)
        return "".join([text, *(f", nor in {_list_of(rule)}" for rule, (slot, _) in lists if slot.known)])
    return text


def _list_of(rule: FeedRule) -> str:
    return f"the list of the feed {rule.feed}"


def _feed_at(rules: Iterable[FeedRule], place: Place | None) -> str:
    """The feed that a line of the policy names, "" where it names none."""
    return next((_list_of(rule) for rule in rules if rule.place == place), "")


def unknown_feeds(route: Route) -> list[str]:
    """The feeds of a route that nobody asked: they may allow an origin that is refused here."""
    rules = (*route.cors.origin_feeds, *route.cors.accept_feeds)
    slots = (*route.origin_feeds, *route.accept_feeds)
    return [
        f"{rule.feed} ({rule.place})" for rule, (slot, _) in zip(rules, slots, strict=True) if not slot.known
    ]


def _passed(site: Site, name: str, exchange: BrowserExchange) -> CheckResult | None:
    """None where there was nothing to check."""
    request, decision, places = exchange.request, exchange.decision, exchange.route.cors.places
    if name == "unambiguous":
        return CheckResult(name, True, "the request is unambiguous")
    if name == "host":
        if site.hosts is None:
            return None
        return CheckResult(name, True, f"{shown(request.host)} is one of hosts", site.hosts_place)
    if name == "websocket":
        return CheckResult(name, True, "the route allows WebSockets", places.get("websocket"))
    if name == "origin":
        if decision.reason in REASON_TEXTS and decision.reason in PASSING:
            return CheckResult(name, True, _reason_text(exchange), decision.rule)
        return _origin_passed(site, exchange.route, request)
    if decision.reason in PASSING - {Reason.ORIGIN_ALLOWED, Reason.PREFLIGHT_ALLOWED}:
        if name == "method":
            return CheckResult(name, True, "not checked: methods applies to origins that may read")
        return None
    if name == "method":
        method = request.acrm if decision.kind == "preflight" else request.method
        return CheckResult(name, True, f"{shown(method or b'')} is one of methods", places.get("methods"))
    if name == "headers" and request.acrh:
        names = shown(b",".join(request.acrh))
        return CheckResult(name, True, f"{names}: all of headers", places.get("headers"))
    return None


def _origin_passed(site: Site, route: Route, request: Request) -> CheckResult:
    origin = request.origin or b""
    publisher = None if route.amp is None else route.amp.publishers.get(origin)
    if publisher is not None:
        return CheckResult(
            "origin", True, f"{shown(origin)} is the publisher, or its page in an AMP cache", publisher.rule
        )
    if is_own(site, request):
        return CheckResult("origin", True, f"{shown(origin)} is the API's own origin", place(site, request))
    forward = route.allow(origin)
    rule = None if forward is None else forward.rule
    feed = _feed_at(route.cors.origin_feeds, rule)
    return CheckResult(
        "origin", True, f"{shown(origin)} is {f'in {feed}' if feed else 'one of origins'}", rule
    )


class _BrowserCheck(NamedTuple):
    """`key`: of the policy, decides what the header says; "" where none does."""

    name: str
    key: str
    failures: frozenset[Check]


# https://fetch.spec.whatwg.org/#cors-check
_CORS_CHECK: Final = (
    _BrowserCheck(
        "Access-Control-Allow-Origin",
        "origins",
        frozenset(
            {
                Check.MISSING_ALLOW_ORIGIN,
                Check.MULTIPLE_ALLOW_ORIGIN,
                Check.INVALID_ALLOW_ORIGIN,
                Check.ALLOW_ORIGIN_MISMATCH,
                Check.WILDCARD_ORIGIN,
            }
        ),
    ),
    _BrowserCheck(
        "Access-Control-Allow-Credentials", "credentials", frozenset({Check.INVALID_ALLOW_CREDENTIALS})
    ),
)
# https://fetch.spec.whatwg.org/#cors-preflight-fetch-0, from step 7 on
_PREFLIGHT_CHECKS: Final = (
    _BrowserCheck("status 200 to 299", "", frozenset({Check.PREFLIGHT_STATUS, Check.PREFLIGHT_REDIRECT})),
    _BrowserCheck(
        "Access-Control-Allow-Methods",
        "methods",
        frozenset({Check.INVALID_ALLOW_METHODS, Check.METHOD_DISALLOWED}),
    ),
    _BrowserCheck(
        "Access-Control-Allow-Headers",
        "headers",
        frozenset({Check.INVALID_ALLOW_HEADERS, Check.HEADER_DISALLOWED}),
    ),
)
FAILURE_TEXTS: Final = {
    Check.MISSING_ALLOW_ORIGIN: "it is missing",
    Check.MULTIPLE_ALLOW_ORIGIN: "it has several values: {value}",
    Check.INVALID_ALLOW_ORIGIN: "{value} is not an origin",
    Check.ALLOW_ORIGIN_MISMATCH: "{value} is not the page's origin",
    Check.WILDCARD_ORIGIN: "* is not enough for a request with credentials",
    Check.INVALID_ALLOW_CREDENTIALS: "it must be true for a request with credentials",
    Check.PREFLIGHT_STATUS: "it is {value}",
    Check.PREFLIGHT_REDIRECT: "it is {value}, a redirect",
    Check.INVALID_ALLOW_METHODS: "{value} is not a list of methods",
    Check.INVALID_ALLOW_HEADERS: "{value} is not a list of names",
    Check.METHOD_DISALLOWED: "it lacks {value}",
    Check.HEADER_DISALLOWED: "it lacks {value}",
}


def browser_checks(
    exchange: BrowserExchange, failure: Failure | None, credentials: bool, preflight: bool, has_names: bool
) -> list[CheckResult]:
    """In Fetch's order, up to the check that fails; `has_names`: the preflight asks for headers."""
    results: list[CheckResult] = []
    places = exchange.route.cors.places
    for name, key, failures in (*_CORS_CHECK, *(_PREFLIGHT_CHECKS if preflight else ())):
        rule = places.get(key)
        if failure is not None and failure.check in failures:
            if failure.check is Check.WILDCARD_ORIGIN:
                rule = places.get("credentials", rule)
            text = FAILURE_TEXTS[failure.check].format(value=shown(failure.value))
            return [*results, CheckResult(name, False, text, rule)]
        if (key == "credentials" and not credentials) or (key == "headers" and not has_names):
            continue
        results.append(CheckResult(name, True, _found_text(exchange, name, key), rule))
    return results


def _found_text(exchange: BrowserExchange, name: str, key: str) -> str:
    if key == "":
        return str(exchange.status)
    lower = name.lower().encode("ascii")
    values = [value for line, value in exchange.response_lines if line.lower() == lower]
    return ", ".join(map(shown, values)) or "not needed: GET, HEAD and POST always pass"


def is_origin(value: bytes) -> bool:
    """Whether a browser could send this Origin."""
    return value == b"null" or parse_origin(value) is not None
