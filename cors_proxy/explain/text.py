"""An explanation for people: the verdict first, then what happens step by step, then what to do."""

from collections.abc import Callable, Iterator
from typing import Final

from ..cors.escape import shown
from ..cors.place import Place
from .browser import Explanation, Step, Verdict
from .change import Change
from .checks import Checked

Quote = Callable[[Place], str]
"""The line of the policy at a place, or "" where it cannot be read."""

_HEADLINES: Final = {
    Verdict.ALLOWED: "ALLOWED: the page gets the API's answer",
    Verdict.UNJUDGED: "NOT JUDGED: the API's own CORS headers decide",
    Verdict.READABLE: "REFUSED: the request does not reach the API; the page can read the refusal",
    Verdict.BLOCKED: "BLOCKED: the page gets an error that tells it nothing",
}
_BROWSERS: Final = {"chromium": "Chromium", "firefox": "Firefox"}


def text(explanation: Explanation, change: Change | None, quoted: Quote) -> str:
    """Lines of text, the last one with its end."""
    return "\n".join(_lines(explanation, change, quoted)) + "\n"


def _lines(explanation: Explanation, change: Change | None, quoted: Quote) -> Iterator[str]:
    question = explanation.question
    page = (
        "a client that is no page of another origin"
        if question.origin is None
        else f"a page of {shown(question.origin)}"
    )
    yield _HEADLINES[explanation.verdict]
    yield f"  {page} sends {shown(question.method)} {question.url}{' with credentials' if question.credentials else ''}"
    yield f"  because {explanation.cause}"
    if explanation.rule is not None:
        yield f"  {_rule(explanation.rule, quoted)}"
    if not explanation.steps:
        return
    yield ""
    if question.same_origin and not question.websocket:
        yield "Same-origin: the browser asks no permission and checks no CORS header."
    elif question.websocket:
        yield "A WebSocket: no preflight, and the browser checks no header; the answer to the handshake decides."
    elif question.origin is not None:
        because = (
            f"a preflight comes first: {explanation.preflight}"
            if explanation.preflight
            else "no preflight is needed"
        )
        yield f"Cross-origin: {because}."
    else:
        yield "Not a page: no browser checks anything."
    for step in explanation.steps:
        yield ""
        yield from _step(step, quoted)
    yield ""
    yield from _script(explanation)
    if explanation.console:
        yield ""
        yield "The console says"
        yield from (
            f"  {_BROWSERS[each.browser]}{f' ({each.name})' if each.name else ''}: {each.text}"
            for each in explanation.console
        )
    for note in (explanation.network, *explanation.notes):
        if note:
            yield ""
            yield f"Note: {note}."
    if change is not None and (change.diff or change.why_none):
        yield ""
        yield from _change(change)


def _step(step: Step, quoted: Quote) -> Iterator[str]:
    made = step.made
    kind = {"preflight": "Preflight", "request": "Request", "websocket": "Handshake"}[made.decision.kind]
    yield f"{kind}: {shown(made.request.method)} {shown(made.request.target)}   route {made.route.name}, mode {made.route.mode or 'off'}"
    yield from (f"    > {shown(name)}: {shown(value)}" for name, value in made.request_lines)
    yield from (f"  {line}" for check in step.proxy for line in _check("proxy", check, quoted))
    if made.by_proxy:
        yield f"  answered by the proxy: {made.status} ({made.decision.reason.value})"
    elif made.known:
        yield "  forwarded to the API; on its answer, in place of the API's own"
    else:
        yield "  forwarded to the API, whose answer comes back untouched"
    yield from (f"    < {shown(name)}: {shown(value)}" for name, value in made.lines)
    yield from (f"  {line}" for check in step.browser for line in _check("browser", check, quoted))


def _check(who: str, check: Checked, quoted: Quote) -> Iterator[str]:
    yield f"{'ok  ' if check.passed else 'FAIL'} {who}: {check.name}: {check.text}"
    if check.rule is not None:
        yield f"       {_rule(check.rule, quoted)}"


def _rule(place: Place, quoted: Quote) -> str:
    line = quoted(place)
    return f"{place}: {line}" if line else str(place)


def _script(explanation: Explanation) -> Iterator[str]:
    verdict = explanation.verdict
    if verdict is Verdict.BLOCKED:
        kind = (
            "an error event" if explanation.question.websocket else "TypeError: no status, no body, no header"
        )
        yield f"The script sees {kind}."
        return
    if verdict is Verdict.UNJUDGED:
        yield "What the script sees depends on the API's answer."
        return
    if explanation.question.websocket:
        yield "The script sees an open WebSocket, if the API accepts it."
        return
    status = (
        f"the status {explanation.steps[-1].made.status}"
        if verdict is Verdict.READABLE
        else "the API's status"
    )
    names = (
        "every header"
        if explanation.readable == ("*",) or explanation.question.same_origin
        else ", ".join(explanation.readable)
    )
    yield f"The script sees {status}, the body, and of the headers: {names}."


def _change(change: Change) -> Iterator[str]:
    if not change.diff:
        yield f"No change of the policy: {change.why_none}."
        return
    yield "The smallest change that allows it"
    yield from (f"  {line}" for line in change.diff.splitlines())
    yield from (f"  Danger: {danger}." for danger in change.dangers)
