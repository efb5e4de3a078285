"""`explain --via`: what a browser sends for a way, whether it reaches the API, and what the page
learns.  The proxy's own code decides."""

from dataclasses import dataclass, replace
from typing import Final

from ..cors.decision import Line
from ..cors.fetch import cors_check
from ..policy.model import Policy
from .browser import explain
from .browser_exchange import EXAMPLE_KEY, BrowserExchange, same_site, simulate, trustworthy
from .question import Question
from .ways import BROWSERS, Sent, Way

_SAME_SITE: Final = {
    "all": ("Strict", "Lax", "None"),
    "window": ("Lax", "None"),
    "embed": ("None",),
    "none": (),
}


@dataclass(frozen=True, slots=True)
class Request:
    """What these browsers send.  `exchange` is None if that is nothing, and `nothing` says why."""

    browsers: tuple[str, ...]
    exchange: BrowserExchange | None
    nothing: str
    learns: str

    @property
    def reaches_api(self) -> bool:
        return self.exchange is not None and not self.exchange.answered_by_proxy


@dataclass(frozen=True, slots=True)
class Via:
    """`cookies` are the values of SameSite with which cookies go along.  There are two requests
    where browsers differ."""

    way: Way
    question: Question
    relation: str  # same-origin, same-site, cross-site
    cookies: tuple[str, ...]
    requests: tuple[Request, ...]

    @property
    def reaches_api(self) -> bool:
        """In every browser."""
        return all(request.reaches_api for request in self.requests)


def relation(question: Question) -> str:
    """Of the page to the URL, as Sec-Fetch-Site names it."""
    return "same-origin" if question.same_origin else "same-site" if same_site(question) else "cross-site"


def explain_via(policy: Policy, way: Way, question: Question) -> Via:
    """`question` has the page's origin and the URL; its method, headers and credentials count only
    where the page chooses them (`Way.scripted`)."""
    related = relation(question)
    cookies = _cookies(way, question, related)
    sent: dict[Sent, list[str]] = {}
    for browser in BROWSERS:
        sent.setdefault(way.browsers.get(browser, way.sent), []).append(browser)
    requests: list[Request] = []
    for each, browsers in sent.items():
        request = _request(policy, way, each, tuple(browsers), question, related, cookies)
        if requests and _lines(requests[0]) == _lines(request):
            requests[0] = replace(requests[0], browsers=requests[0].browsers + request.browsers)
        else:
            requests.append(request)
    return Via(way, question, related, cookies, tuple(requests))


def _lines(request: Request) -> tuple[Line, ...]:
    return () if request.exchange is None else request.exchange.request_lines


def _cookies(way: Way, question: Question, related: str) -> tuple[str, ...]:
    if way.scripted and question.credentials:
        return _SAME_SITE["embed" if related == "cross-site" else "all"]
    if related == "same-origin":
        return _SAME_SITE["all"]
    if way.cookies == "same-origin":
        return _SAME_SITE["none"]
    return _SAME_SITE["all" if related == "same-site" else way.cookies]


def _request(
    policy: Policy,
    way: Way,
    sent: Sent,
    browsers: tuple[str, ...],
    question: Question,
    related: str,
    cookies: tuple[str, ...],
) -> Request:
    nothing = sent.nothing
    if sent.same_origin_only and related != "same-origin":
        nothing = "the browser loads it from the page's own origin only"
    elif way.scripted:
        nothing = _preflight_refused(policy, question)
    if nothing:
        return Request(browsers, None, nothing, way.refused)
    method = question.method if way.scripted else sent.method
    lines = request_lines(way, sent, question, related, bool(cookies))
    api = 101 if way.name == "websocket" else 200
    exchange = simulate(policy, method, question.target, lines, (api, ()))
    return Request(browsers, exchange, "", _learns(way, sent, question, related, exchange))


def _preflight_refused(policy: Policy, question: Question) -> str:
    """Why the browser does not send the request of a script, "" if it does."""
    explanation = explain(policy, question)
    if explanation.preflight_reason and len(explanation.steps) == 1:
        return f"the preflight fails: {explanation.cause}"
    return "" if explanation.steps else explanation.cause


def request_lines(way: Way, sent: Sent, question: Question, related: str, cookies: bool) -> tuple[Line, ...]:
    """The header lines that decisions depend on."""
    lines: list[Line] = [(b"Host", question.host)]
    if way.name == "websocket":
        lines += [
            (b"Connection", b"Upgrade"),
            (b"Upgrade", b"websocket"),
            (b"Sec-WebSocket-Version", b"13"),
            (b"Sec-WebSocket-Key", EXAMPLE_KEY),
        ]
    method = question.method if way.scripted else sent.method
    unsafe = method not in (b"GET", b"HEAD")
    always = sent.origin == "always" or (way.scripted and unsafe)
    if question.origin is not None and (always or (sent.origin != "never" and related != "same-origin")):
        lines.append((b"Origin", question.origin))
    if way.scripted:
        lines += [(name, b"..." if value is None else value) for name, value in question.headers]
    if sent.metadata and trustworthy(question):
        lines += [
            (b"Sec-Fetch-Site", related.encode("ascii")),
            (b"Sec-Fetch-Mode", sent.mode),
            (b"Sec-Fetch-Dest", sent.destination),
        ]
        if sent.user:
            lines.append((b"Sec-Fetch-User", b"?1"))
    if sent.prefetch:
        lines.append((b"Sec-Purpose", b"prefetch"))
    if cookies:
        lines.append((b"Cookie", b"..."))
    return tuple(lines)


def _learns(way: Way, sent: Sent, question: Question, related: str, exchange: BrowserExchange) -> str:
    socket = sent.mode == b"websocket"
    if exchange.answered_by_proxy and (socket or sent.mode != b"cors"):
        return way.refused
    if related == "same-origin" or socket:
        if exchange.answered_by_proxy:
            return "the refusal"
        return "every message" if socket else _own(way)
    if sent.mode == b"cors":
        if not exchange.headers_known:
            return "what the API's own CORS headers allow"
        credentials = way.scripted and question.credentials
        if cors_check(question.origin or b"", credentials, exchange.response_lines) is not None:
            return way.refused
        return "the refusal" if exchange.answered_by_proxy else "the whole response"
    if sent.mode == b"no-cors" and _blocked_by_policy(related, exchange):
        return f"{way.refused}: Cross-Origin-Resource-Policy"
    return way.learns


def _own(way: Way) -> str:
    """What a page of the API's own origin learns."""
    return way.learns if way.learns == "nothing" else "the whole response"


def _blocked_by_policy(related: str, exchange: BrowserExchange) -> bool:
    """https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check"""
    for name, value in exchange.response_lines:
        if name.lower() == b"cross-origin-resource-policy":
            return value == b"same-origin" or (value == b"same-site" and related == "cross-site")
    return False
