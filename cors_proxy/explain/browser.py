"""Plays the browser: preflight or not, its checks on the responses, and what the page gets.

https://fetch.spec.whatwg.org/#main-fetch, https://fetch.spec.whatwg.org/#http-fetch
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from ..cors.decision import Line, Refuse
from ..cors.escape import shown
from ..cors.fetch import Check, Failure, cors_check, needs_preflight, preflight_check, unsafe_names
from ..cors.names import FORBIDDEN_METHODS, READABLE_ANYWAY, SAFELISTED_METHODS, UNREADABLE, forbidden_header
from ..cors.place import Place
from ..cors.reason import Reason
from ..policy.model import Policy
from ..policy.origin_hints import suggest_origin
from .browser_exchange import BrowserExchange, preflight_lines, request_lines, simulate
from .checks import PASSING, CheckResult, browser_checks, is_origin, proxy_checks, unknown_feeds
from .messages import Message, handshake, messages
from .network import local_network_note
from .question import Header, Question

# The API's own headers are unknown, so none are assumed.
API_ANSWER: Final[tuple[int, tuple[Line, ...]]] = (200, ())
SWITCHING_PROTOCOLS: Final[tuple[int, tuple[Line, ...]]] = (101, ())


class Verdict(Enum):
    """What the page gets."""

    ALLOWED = "allowed"  # the API's response
    UNJUDGED = "unjudged"  # `cors: off` or `mode: report`: the API's own CORS headers decide
    REFUSED = "refused"  # a refusal by the proxy, which the page can read
    BLOCKED = "blocked"  # an error without a reason


@dataclass(frozen=True, slots=True)
class Step:
    """One request of the browser, with the checks that the proxy and the browser make.

    `failure` is the browser's check that failed, None where all passed.
    """

    exchange: BrowserExchange
    proxy: tuple[CheckResult, ...]
    browser: tuple[CheckResult, ...]
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class BrowserVerdict:
    """What a page gets in one browser: chromium or firefox."""

    browser: str
    verdict: Verdict
    reason: Reason


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to a question.

    `cause` describes the decision or check that led to the verdict, `rule` is its policy line.
    `preflight_reason` says why a preflight is needed, "" where none is.
    `readable_headers` are the response headers that script can read, as far as the proxy grants
    them; ("*",) stands for all.  `local_network` is "" or a note about Local Network Access.
    `browsers` has a verdict for each browser where they differ.  The others describe the refusal.
    """

    question: Question
    verdict: Verdict
    preflight_reason: str
    steps: tuple[Step, ...]
    cause: str
    rule: Place | None
    console: tuple[Message, ...] = ()
    readable_headers: tuple[str, ...] = ()
    local_network: str = ""
    notes: tuple[str, ...] = ()
    browsers: tuple[BrowserVerdict, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.verdict in (Verdict.ALLOWED, Verdict.UNJUDGED)


def explain(
    policy: Policy, question: Question, api_answer: tuple[int, tuple[Line, ...]] = API_ANSWER
) -> Explanation:
    """`api_answer` is the status and the header lines of the API's response to the request."""
    page_headers, notes = _without_forbidden(question)
    if question.method.decode("ascii").upper() in FORBIDDEN_METHODS:
        method = shown(question.method)
        cause = f"no page can send {method}: fetch() throws a TypeError, and the proxy answers 405"
        return Explanation(question, Verdict.BLOCKED, "", (), cause, None, notes=tuple(notes))
    if question.websocket:
        return _explain_websocket(policy, question, notes)
    asked = question.asked_headers
    unsafe = unsafe_names(page_headers) if asked is None else list(asked)
    cross_origin = question.origin is not None and not question.same_origin
    reason = _preflight_reason(question, unsafe, page_headers) if cross_origin else ""
    steps: list[Step] = []
    if reason:
        lines = preflight_lines(question, unsafe)
        exchange = simulate(policy, b"OPTIONS", question.target, lines, API_ANSWER)
        steps.append(_preflight_step(policy, question, exchange, unsafe))
        if steps[0].failure is not None:
            notes += _which_header_is_named(steps[0], unsafe)
            return _explanation(question, Verdict.BLOCKED, reason, steps, notes)
    lines = request_lines(question, page_headers)
    exchange = simulate(policy, question.method, question.target, lines, api_answer)
    steps.append(_request_step(policy, question, exchange, cross_origin))
    return _explanation(question, _verdict(steps, cross_origin), reason, steps, notes)


def _verdict(steps: list[Step], cross_origin: bool) -> Verdict:
    last = steps[-1]
    if last.failure is not None:
        return Verdict.BLOCKED
    if last.exchange.refused:
        return Verdict.REFUSED
    if not cross_origin or all(step.exchange.headers_known for step in steps):
        return Verdict.ALLOWED
    return Verdict.UNJUDGED


def _preflight_reason(question: Question, unsafe: list[bytes], headers: list[Header]) -> str:
    recorded = question.asked_headers is not None
    if not recorded and not needs_preflight(question.method, unsafe, question.upload_listener):
        return ""
    values = {name.lower(): value for name, value in headers}
    reasons = []
    if question.method not in SAFELISTED_METHODS:
        reasons.append(f"the method {shown(question.method)} is not safelisted")
    for name in unsafe:
        suffix = "" if values.get(name) is None else " with this value"
        reasons.append(f"the header {shown(name)} is not safelisted{suffix}")
    if question.upload_listener:
        reasons.append("the upload has a listener")
    if question.private_network:
        reasons.append("the address is in a private network")
    return "; ".join(reasons)


def _preflight_step(
    policy: Policy, question: Question, exchange: BrowserExchange, unsafe: list[bytes]
) -> Step:
    proxy = tuple(proxy_checks(policy.site, exchange))
    if not exchange.headers_known:
        return Step(exchange, proxy, (), None)
    failure = preflight_check(
        question.origin or b"",
        question.credentials,
        question.method,
        unsafe,
        exchange.status,
        exchange.response_lines,
    )
    browser = browser_checks(exchange, failure, question.credentials, True, bool(unsafe))
    return Step(exchange, proxy, tuple(browser), failure)


def _request_step(policy: Policy, question: Question, exchange: BrowserExchange, cross_origin: bool) -> Step:
    proxy = tuple(proxy_checks(policy.site, exchange))
    if not cross_origin or not exchange.headers_known:
        return Step(exchange, proxy, (), None)
    failure = cors_check(question.origin or b"", question.credentials, exchange.response_lines)
    browser = browser_checks(exchange, failure, question.credentials, False, False)
    return Step(exchange, proxy, tuple(browser), failure)


def _explain_websocket(policy: Policy, question: Question, notes: list[str]) -> Explanation:
    """A handshake has no preflight and no CORS check: only 101 opens the socket (RFC 6455 §4.1).

    Chromium sends no Sec-Fetch-* header with a handshake, Firefox does (tests/browser/
    test_requests.py).  Where they get different verdicts, the explanation is that of the refusal.
    """
    exchanges = {
        browser: simulate(
            policy,
            b"GET",
            question.target,
            request_lines(question, [], metadata=browser == "firefox"),
            SWITCHING_PROTOCOLS,
        )
        for browser in ("chromium", "firefox")
    }
    verdicts = tuple(
        BrowserVerdict(
            browser,
            Verdict.BLOCKED if exchange.refused else Verdict.ALLOWED,
            exchange.decision.reason,
        )
        for browser, exchange in exchanges.items()
    )
    differ = verdicts[0].verdict is not verdicts[1].verdict
    blocked = next((each for each in verdicts if each.verdict is Verdict.BLOCKED), verdicts[1])
    exchange = exchanges[blocked.browser if differ else "firefox"]
    step = Step(exchange, tuple(proxy_checks(policy.site, exchange)), (), None)
    if not differ:
        return _explanation(question, verdicts[1].verdict, "", [step], notes)
    notes.append(
        "Chromium sends no Sec-Fetch-Site header with a WebSocket handshake, and Firefox does."
        " With self_origins or hosts in the policy, the proxy recognises the API's own pages without it"
    )
    found = _explanation(question, blocked.verdict, "", [step], notes)
    console = tuple(message for message in found.console if message.browser == blocked.browser)
    return replace(found, console=console, browsers=verdicts)


def _explanation(
    question: Question, verdict: Verdict, preflight_reason: str, steps: list[Step], notes: list[str]
) -> Explanation:
    last = steps[-1]
    exchange = last.exchange
    cause, rule = _cause(verdict, last)
    hint = getattr(exchange.decision, "hint", "")
    return Explanation(
        question,
        verdict,
        preflight_reason,
        tuple(steps),
        cause,
        rule,
        tuple(_console(question, last)),
        _readable_headers(question, verdict, exchange),
        local_network_note(question),
        (*notes, *_notes(question, exchange), *([hint] if hint else [])),
    )


def _console(question: Question, step: Step) -> list[Message]:
    exchange = step.exchange
    if step.failure is not None:
        names = [name.lower() for name, _ in exchange.response_lines]
        return messages(
            step.failure,
            question.url,
            shown(question.origin or b""),
            exchange.status,
            exchange.decision.kind == "preflight",
            names.count(b"access-control-allow-origin") > 1,
        )
    if question.websocket and exchange.refused:
        return handshake(question.url, exchange.status)
    return []


def _cause(verdict: Verdict, step: Step) -> tuple[str, Place | None]:
    """The text and rule of the check that failed, the proxy's first; else of the origin check."""
    reason = step.exchange.decision.reason
    origin = next((check for check in step.proxy if check.name == "origin"), step.proxy[-1])
    if verdict in (Verdict.ALLOWED, Verdict.UNJUDGED):
        return origin.text, origin.rule
    if reason not in PASSING:
        return step.proxy[-1].text, step.proxy[-1].rule
    if reason in (Reason.ACCEPT_FROM, Reason.OWN_ORIGIN) or not step.browser:
        return origin.text, origin.rule
    failed = step.browser[-1]
    return f"{failed.name}: {failed.text}", failed.rule or step.exchange.route.place


def _readable_headers(question: Question, verdict: Verdict, exchange: BrowserExchange) -> tuple[str, ...]:
    """https://fetch.spec.whatwg.org/#concept-filtered-response-cors"""
    if verdict is Verdict.BLOCKED or question.websocket:
        return ()
    exposed = [
        member.strip().decode("latin-1")
        for name, value in exchange.response_lines
        if name.lower() == b"access-control-expose-headers"
        for member in value.split(b",")
    ]
    if "*" in exposed and not question.credentials:
        return ("*",)
    safelisted = sorted(name.decode("ascii") for name in READABLE_ANYWAY)
    granted = [name for name in exposed if name.lower().encode("latin-1") not in UNREADABLE]
    return tuple(dict.fromkeys([*safelisted, *granted]))


def _without_forbidden(question: Question) -> tuple[list[Header], list[str]]:
    """The headers that a page can set, and a note for each that it cannot.

    https://fetch.spec.whatwg.org/#forbidden-request-header
    """
    allowed, notes = [], []
    for name, value in question.headers:
        if question.origin is not None and forbidden_header(name.lower()):
            notes.append(f"{shown(name)} is a forbidden header: no page can set it, so it is left out here")
        else:
            allowed.append((name, value))
    return allowed, notes


def _which_header_is_named(step: Step, unsafe: list[bytes]) -> list[str]:
    if step.failure is None or step.failure.check is not Check.HEADER_DISALLOWED or len(unsafe) < 2:
        return []
    return ["of several refused headers Chromium names any one, Firefox the first in the alphabet"]


def _notes(question: Question, exchange: BrowserExchange) -> list[str]:
    return [
        *_refused_notes(exchange),
        *_feed_notes(exchange),
        *_spelling_notes(question, exchange),
        *_mode_notes(question, exchange),
    ]


def _refused_notes(exchange: BrowserExchange) -> list[str]:
    """The checks and the console name one of several."""
    decision = exchange.decision
    refused = decision.refused if isinstance(decision, Refuse) else ()
    named = 1 if decision.reason in (Reason.METHOD_NOT_ALLOWED, Reason.HEADER_NOT_ALLOWED) else 0
    if len(refused) <= named:
        return []
    also = "" if named else " also"
    return [f"the policy{also} does not allow: {', '.join(map(shown, refused))}"]


def _feed_notes(exchange: BrowserExchange) -> list[str]:
    """Where a feed that was not asked may allow what is refused here."""
    if exchange.decision.reason is not Reason.ORIGIN_NOT_ALLOWED:
        return []
    return [
        f"the list of the feed {feed} is unknown here, and may hold this origin; --fetch-feeds asks for it"
        for feed in unknown_feeds(exchange.route)
    ]


def _spelling_notes(question: Question, exchange: BrowserExchange) -> list[str]:
    notes = []
    origin = question.origin
    if origin is not None and not is_origin(origin):
        corrected = suggest_origin(origin.decode("utf-8", "replace"))
        notes.append("no browser sends such an Origin" + (f"; write {corrected}" if corrected else ""))
    if exchange.decision.reason is Reason.AMBIGUOUS_PATH:
        notes.append(
            "a browser resolves dot segments and drops the fragment before it sends a request,"
            " so the proxy gets a different path from it"
        )
    if question.method.upper() != question.method and exchange.decision.reason is Reason.METHOD_NOT_ALLOWED:
        upper = shown(question.method.upper())
        notes.append(
            f"methods are case-sensitive, and browsers send {shown(question.method)} unchanged: write {upper}"
        )
    return notes


def _mode_notes(question: Question, exchange: BrowserExchange) -> list[str]:
    notes = []
    route, reason = exchange.route, exchange.decision.reason
    if exchange.action is not exchange.decision and route.mode == "headers":
        notes.append(
            "mode: headers forwards the request to the API without a grant;"
            f" enforce would refuse it: {reason.value}"
        )
    if route.mode == "report":
        verb = "forward" if reason in PASSING else "refuse"
        notes.append(
            "mode: report changes nothing: the API's own CORS headers decide;"
            f" enforce would {verb} it: {reason.value}"
        )
    elif not exchange.headers_known:
        notes.append("cors: off: the API's own CORS headers decide, and they are unknown here")
    if question.origin is not None and reason is Reason.OWN_ORIGIN and not question.same_origin:
        notes.append(
            f"{shown(question.origin)} is one of self_origins, but it is not the origin of {question.url}:"
            " such a page gets no grant"
        )
    return notes
