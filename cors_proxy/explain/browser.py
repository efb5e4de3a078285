"""The browser's way: is it cross-origin, is a preflight needed, what do its checks make of the answers, what does the page see.

https://fetch.spec.whatwg.org/#main-fetch, https://fetch.spec.whatwg.org/#http-fetch"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from ..cors.decision import Line
from ..cors.escape import shown
from ..cors.fetch import Check, Failure, cors_check, needs_preflight, preflight_check, unsafe_names
from ..cors.names import FORBIDDEN_METHODS, READABLE_ANYWAY, SAFELISTED_METHODS, UNREADABLE, forbidden_header
from ..cors.place import Place
from ..cors.reason import Reason
from ..policy.model import Policy
from ..policy.origins import suggest_origin
from .browser_exchange import BrowserExchange, browser_exchange, preflight_lines, request_lines
from .checks import PASSING, Checked, browser_checks, is_origin, proxy_checks
from .messages import Message, handshake, messages
from .network import prompt
from .question import Header, Question

API_ANSWER: Final[tuple[int, tuple[Line, ...]]] = (200, ())  # nothing is assumed of its headers
SWITCHING: Final[tuple[int, tuple[Line, ...]]] = (101, ())


class Verdict(Enum):
    """What the page gets."""

    ALLOWED = "allowed"  # the API's answer
    UNJUDGED = "unjudged"  # whatever the API's own CORS headers say: `cors: off`, `mode: report`
    READABLE = "refused"  # the proxy's refusal, which it can read
    BLOCKED = "blocked"  # an error that tells nothing


@dataclass(frozen=True, slots=True)
class Step:
    """One request of the browser's: `failure` is what its checks say of the answer."""

    made: BrowserExchange
    proxy: tuple[Checked, ...]
    browser: tuple[Checked, ...]
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`cause` and `rule` are the decision or the check that made the verdict; `preflight` says why there is one, "" where there is none."""

    question: Question
    verdict: Verdict
    preflight: str
    steps: tuple[Step, ...]
    cause: str
    rule: Place | None
    console: tuple[Message, ...] = ()
    readable: tuple[
        str, ...
    ] = ()  # the names of response headers that script can read, as far as the proxy grants them
    network: str = ""
    notes: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.verdict in (Verdict.ALLOWED, Verdict.UNJUDGED)


def explain(
    policy: Policy, question: Question, answer: tuple[int, tuple[Line, ...]] = API_ANSWER
) -> Explanation:
    """`answer` is what the API would answer to the request itself."""
    sent, notes = _settable(question)
    if question.method.decode("ascii").upper() in FORBIDDEN_METHODS:
        cause = f"no page can send {shown(question.method)}: fetch() throws a TypeError, and the proxy answers 405"
        return Explanation(question, Verdict.BLOCKED, "", (), cause, None, notes=tuple(notes))
    if question.websocket:
        return _socket(policy, question, notes)
    unsafe = unsafe_names(sent)
    cross = question.origin is not None and not question.same_origin
    why = _why_preflight(question, unsafe, sent) if cross else ""
    steps: list[Step] = []
    if why:
        made = browser_exchange(
            policy, b"OPTIONS", question.target, preflight_lines(question, unsafe), API_ANSWER
        )
        steps.append(_preflight_step(policy, question, made, unsafe))
        if steps[0].failure is not None:
            return _finish(question, Verdict.BLOCKED, why, steps, notes + _several(steps[0], unsafe))
    made = browser_exchange(policy, question.method, question.target, request_lines(question, sent), answer)
    steps.append(_request_step(policy, question, made, cross))
    return _finish(question, _verdict(steps, cross), why, steps, notes)


def _verdict(steps: list[Step], cross: bool) -> Verdict:
    last = steps[-1]
    if last.failure is not None:
        return Verdict.BLOCKED
    if last.made.refused:
        return Verdict.READABLE
    return Verdict.ALLOWED if not cross or all(step.made.known for step in steps) else Verdict.UNJUDGED


def _why_preflight(question: Question, unsafe: list[bytes], sent: list[Header]) -> str:
    if not needs_preflight(question.method, unsafe, question.upload_listener):
        return ""
    values = {name.lower(): value for name, value in sent}
    reasons = (
        []
        if question.method in SAFELISTED_METHODS
        else [f"the method {shown(question.method)} is not safelisted"]
    )
    for name in unsafe:
        value = values.get(name)
        reasons.append(
            f"the header {shown(name)} is not safelisted" + ("" if value is None else " with this value")
        )
    if question.upload_listener:
        reasons.append("there is a listener on the upload")
    return "; ".join(reasons)


def _preflight_step(policy: Policy, question: Question, made: BrowserExchange, unsafe: list[bytes]) -> Step:
    proxy = tuple(proxy_checks(policy.site, made))
    if not made.known:
        return Step(made, proxy, (), None)
    failure = preflight_check(
        question.origin or b"", question.credentials, question.method, unsafe, made.status, made.lines
    )
    return Step(
        made,
        proxy,
        tuple(
            browser_checks(
                made.route, made.lines, made.status, failure, question.credentials, True, bool(unsafe)
            )
        ),
        failure,
    )


def _request_step(policy: Policy, question: Question, made: BrowserExchange, cross: bool) -> Step:
    proxy = tuple(proxy_checks(policy.site, made))
    if not cross or not made.known:
        return Step(made, proxy, (), None)
    failure = cors_check(question.origin or b"", question.credentials, made.lines)
    return Step(
        made,
        proxy,
        tuple(
            browser_checks(made.route, made.lines, made.status, failure, question.credentials, False, False)
        ),
        failure,
    )


def _socket(policy: Policy, question: Question, notes: list[str]) -> Explanation:
    """No preflight, no check of headers: the answer is 101, or the socket failed (RFC 6455 §4.1)."""
    made = browser_exchange(policy, b"GET", question.target, request_lines(question, []), SWITCHING)
    step = Step(made, tuple(proxy_checks(policy.site, made)), (), None)
    return _finish(question, Verdict.BLOCKED if made.refused else Verdict.ALLOWED, "", [step], notes)


def _finish(
    question: Question, verdict: Verdict, why: str, steps: list[Step], notes: list[str]
) -> Explanation:
    last = steps[-1]
    made = last.made
    cause, rule = _cause(verdict, last)
    console: list[Message] = []
    if last.failure is not None:
        repeated = sum(name.lower() == b"access-control-allow-origin" for name, _ in made.lines) > 1
        preflight = made.decision.kind == "preflight"
        console = messages(
            last.failure, question.url, shown(question.origin or b""), made.status, preflight, repeated
        )
    elif question.websocket and made.refused:
        console = handshake(question.url, made.status)
    hint = getattr(made.decision, "hint", "")
    return Explanation(
        question, verdict, why, tuple(steps), cause, rule, tuple(console), _readable(question, verdict, made), prompt(question),
        (*notes, *_about(question, made), *([hint] if hint else [])),
    )  # fmt: skip


def _cause(verdict: Verdict, step: Step) -> tuple[str, Place | None]:
    """The check that failed, the proxy's before the browser's; else the one that let the page in."""
    reason = step.made.decision.reason
    origin = next((check for check in step.proxy if check.name == "origin"), step.proxy[-1])
    if verdict in (Verdict.ALLOWED, Verdict.UNJUDGED):
        return origin.text, origin.rule
    if reason not in PASSING:
        return step.proxy[-1].text, step.proxy[-1].rule
    if reason in (Reason.ACCEPT_FROM, Reason.OWN_ORIGIN) or not step.browser:
        return origin.text, origin.rule
    failed = step.browser[-1]
    return f"{failed.name}: {failed.text}", failed.rule or step.made.route.place


def _readable(question: Question, verdict: Verdict, made: BrowserExchange) -> tuple[str, ...]:
    if verdict is Verdict.BLOCKED or question.websocket:
        return ()
    exposed = [
        member.strip().decode("latin-1")
        for name, value in made.lines
        if name.lower() == b"access-control-expose-headers"
        for member in value.split(b",")
    ]
    if "*" in exposed and not question.credentials:
        return ("*",)
    anyway = sorted(name.decode("ascii") for name in READABLE_ANYWAY)
    return tuple(
        dict.fromkeys(
            [*anyway, *(name for name in exposed if name.lower().encode("latin-1") not in UNREADABLE)]
        )
    )


def _settable(question: Question) -> tuple[list[Header], list[str]]:
    """The headers that a page can set, and a note for each that it cannot: https://fetch.spec.whatwg.org/#forbidden-request-header"""
    kept, notes = [], []
    for name, value in question.headers:
        if question.origin is not None and forbidden_header(name.lower()):
            notes.append(f"{shown(name)} is a forbidden header: no page can set it, and it is left out here")
        else:
            kept.append((name, value))
    return kept, notes


def _several(step: Step, unsafe: list[bytes]) -> list[str]:
    if step.failure is None or step.failure.check is not Check.HEADER_DISALLOWED or len(unsafe) < 2:
        return []
    return ["of several refused headers Chromium names any one, Firefox the first in the alphabet"]


def _about(question: Question, made: BrowserExchange) -> list[str]:
    """What is worth knowing beside the verdict."""
    notes = []
    origin = question.origin
    if origin is not None and not is_origin(origin):
        right = suggest_origin(origin.decode("utf-8", "replace"))
        notes.append("no browser sends such an Origin" + (f"; write {right}" if right else ""))
    if made.decision.reason is Reason.AMBIGUOUS_PATH:
        notes.append(
            "a browser resolves dot segments and drops # before it sends: then another path arrives here"
        )
    if question.method.upper() != question.method and made.decision.reason is Reason.METHOD_NOT_ALLOWED:
        right = shown(question.method.upper())
        notes.append(
            f"methods are case-sensitive, and browsers send {shown(question.method)} as it is: write {right}"
        )
    reason = made.decision.reason
    if made.action is not made.decision and made.route.mode == "headers":
        notes.append(
            f"mode: headers lets the request pass to the API without a grant; enforce would refuse it: {reason.value}"
        )
    if made.route.mode == "report":
        would = "let it pass" if reason in PASSING else "refuse it"
        notes.append(
            f"mode: report changes nothing: the API's own CORS headers decide; enforce would {would}: {reason.value}"
        )
    elif not made.known:
        notes.append("cors: off: the API's own CORS headers decide, which cannot be known here")
    if origin is not None and made.decision.reason is Reason.OWN_ORIGIN and not question.same_origin:
        notes.append(
            f"{shown(origin)} is one of self_origins, but not the origin of {question.url}: such a page gets no grant"
        )
    return notes
