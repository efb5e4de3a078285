"""An explanation as text: the verdict first, then each request in order, then what to change."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from ..cors.escape import shown
from ..cors.place import Place
from .browser import Explanation, Step, Verdict
from .change import Change
from .checks import CheckResult

Quote = Callable[[Place], str]
"""The line at a place, "" where it cannot be read."""

_HEADLINES: Final = {
    Verdict.ALLOWED: "ALLOWED: the page gets the API's response",
    Verdict.UNJUDGED: "NOT JUDGED: the API's own CORS headers decide",
    Verdict.REFUSED: "REFUSED: the request does not reach the API; the page can read the refusal",
    Verdict.BLOCKED: "BLOCKED: the page gets an error that tells it nothing",
}
_KINDS: Final = {"preflight": "Preflight", "request": "Request", "websocket": "Handshake"}
_BROWSERS: Final = {"chromium": "Chromium", "firefox": "Firefox"}


def render(explanation: Explanation, change: Change | None, quote: Quote) -> str:
    """Lines of text, each with its line end."""
    return "\n".join(_lines(explanation, change, quote)) + "\n"


def _lines(explanation: Explanation, change: Change | None, quote: Quote) -> Iterator[str]:
    yield from _head(explanation, quote)
    if not explanation.steps:
        return
    yield ""
    yield _preflight(explanation)
    for step in explanation.steps:
        yield ""
        yield from _step(step, quote)
    yield ""
    yield _script(explanation)
    if explanation.console:
        yield ""
        yield "The console says"
        for message in explanation.console:
            name = f" ({message.name})" if message.name else ""
            yield f"  {_BROWSERS[message.browser]}{name}: {message.text}"
    for note in (explanation.local_network, *explanation.notes):
        if note:
            yield ""
            yield f"Note: {note}."
    if change is not None and change != Change():
        yield ""
        yield from render_change(change)


def _head(explanation: Explanation, quote: Quote, times: str = "") -> Iterator[str]:
    if explanation.browsers:
        verdicts = (
            f"{each.verdict.name} in {_BROWSERS[each.browser]} ({each.reason.value})"
            for each in explanation.browsers
        )
        yield f"{', '.join(verdicts)}{times}: the browsers send different headers"
    else:
        verdict, _, meaning = _HEADLINES[explanation.verdict].partition(": ")
        yield f"{verdict}{times}: {meaning}"
    yield f"  {_request(explanation)}"
    yield f"  because {explanation.cause}"
    if explanation.rule is not None:
        yield f"  {_rule(explanation.rule, quote)}"


def _request(explanation: Explanation) -> str:
    question = explanation.question
    client = "a client without Origin" if question.origin is None else f"a page of {shown(question.origin)}"
    credentials = " with credentials" if question.credentials else ""
    return f"{client} sends {shown(question.method)} {question.url}{credentials}"


def render_entry(
    explanation: Explanation, count: int, unknown: Sequence[str], change: Change, quote: Quote
) -> str:
    """One of many: what happens and why, without the exchange.  `change` says why it has none."""
    times = f" {count} times" if count > 1 else ""
    lines = [*_head(explanation, quote, times), *(f"  Note: {note}." for note in explanation.notes if note)]
    lines += [f"  unknown: {each}" for each in unknown]
    if change != Change():
        lines += [f"  {line}" for line in render_change(change)]
    return "\n".join(lines) + "\n"


def _preflight(explanation: Explanation) -> str:
    question = explanation.question
    if question.websocket:
        return "A WebSocket: no preflight, no CORS check; the status of the handshake decides."
    if question.origin is None:
        return "No Origin: no browser checks anything."
    if question.same_origin:
        return "Same-origin: no preflight, no CORS check."
    if explanation.preflight_reason:
        return f"Cross-origin: a preflight comes first: {explanation.preflight_reason}."
    return "Cross-origin: no preflight is needed."


def _step(step: Step, quote: Quote) -> Iterator[str]:
    exchange = step.exchange
    request, route = exchange.request, exchange.route
    yield (
        f"{_KINDS[exchange.decision.kind]}: {shown(request.method)} {shown(request.target)}"
        f"   route {route.name}, mode {route.mode or 'off'}"
    )
    yield from (f"    > {shown(name)}: {shown(value)}" for name, value in exchange.request_lines)
    yield from (f"  {line}" for check in step.proxy for line in _check("proxy", check, quote))
    if exchange.answered_by_proxy:
        yield f"  answered by the proxy: {exchange.status} ({exchange.decision.reason.value})"
    elif exchange.headers_known:
        yield "  forwarded to the API; the proxy replaces the CORS headers of its response by"
    else:
        yield "  forwarded to the API; its response passes unchanged"
    yield from (f"    < {shown(name)}: {shown(value)}" for name, value in exchange.response_lines)
    yield from (f"  {line}" for check in step.browser for line in _check("browser", check, quote))


def _check(side: str, check: CheckResult, quote: Quote) -> Iterator[str]:
    yield f"{'ok  ' if check.passed else 'FAIL'} {side}: {check.name}: {check.text}"
    if check.rule is not None:
        yield f"       {_rule(check.rule, quote)}"


def _rule(place: Place, quote: Quote) -> str:
    line = quote(place)
    return f"{place}: {line}" if line else str(place)


def _script(explanation: Explanation) -> str:
    verdict, question = explanation.verdict, explanation.question
    if explanation.browsers:
        blocked = (
            _BROWSERS[each.browser] for each in explanation.browsers if each.verdict is Verdict.BLOCKED
        )
        return f"The script sees an error event in {', '.join(blocked)}, an open WebSocket elsewhere."
    if verdict is Verdict.BLOCKED:
        error = "an error event" if question.websocket else "TypeError: no status, no body, no header"
        return f"The script sees {error}."
    if verdict is Verdict.UNJUDGED:
        return "What the script sees depends on the API's response."
    if question.websocket:
        return "The script sees an open WebSocket, if the API accepts it."
    status = (
        f"the status {explanation.steps[-1].exchange.status}"
        if verdict is Verdict.REFUSED
        else "the API's status"
    )
    if question.same_origin or explanation.readable_headers == ("*",):
        return f"The script sees {status}, the body, and every header."
    return (
        f"The script sees {status}, the body, and these headers: {', '.join(explanation.readable_headers)}."
    )


def render_change(change: Change, many: bool = False) -> Iterator[str]:
    if change.withheld:
        yield f"No change is proposed: {change.withheld}."
        return
    if not change.diff:
        yield f"No change of the policy helps: {change.why_none}."
        return
    yield "The smallest change that allows it" if not many else "One change that allows all that a change can"
    yield from (f"  {line}" for line in change.diff.splitlines())
    yield from (f"  Danger: {danger}." for danger in change.dangers)
