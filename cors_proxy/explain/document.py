"""An explanation as one JSON document, for tools and for the admin page."""

from typing import Any

from ..cors.decision import Line, Refuse
from ..cors.escape import shown
from ..cors.place import Place
from .browser import Explanation, Step
from .change import Change
from .checks import CheckResult

Json = dict[str, Any]


def document(explanation: Explanation, change: Change | None) -> Json:
    """Dicts, lists and scalars; bytes are printable ASCII, places are `file:line`.

    `change` is None where nobody looked for one.  `docs/explaining.md` has the keys.
    """
    question = explanation.question
    return {
        "verdict": explanation.verdict.value,
        "allowed": explanation.allowed,
        "cause": explanation.cause,
        "rule": _place(explanation.rule),
        "question": {
            "origin": None if question.origin is None else shown(question.origin),
            "method": shown(question.method),
            "url": question.url,
            "headers": [
                [shown(name), None if value is None else shown(value)] for name, value in question.headers
            ],
            "credentials": question.credentials,
            "upload_listener": question.upload_listener,
        },
        "same_origin": question.same_origin,
        "preflight": {"needed": bool(explanation.preflight_reason), "because": explanation.preflight_reason},
        "steps": [_step(step) for step in explanation.steps],
        "script": {
            "sees": {"allowed": "response", "unjudged": "unknown", "refused": "response", "blocked": "error"}[
                explanation.verdict.value
            ],
            "status": explanation.steps[-1].exchange.status
            if explanation.steps and explanation.verdict.value != "blocked"
            else None,
            "headers": list(explanation.readable_headers),
        },
        "console": [
            {"browser": message.browser, "name": message.name, "text": message.text}
            for message in explanation.console
        ],
        "browsers": [
            {"browser": each.browser, "verdict": each.verdict.value, "reason": each.reason.value}
            for each in explanation.browsers
        ],
        "local_network": explanation.local_network,
        "notes": list(explanation.notes),
        "change": change_document(change),
    }


def change_document(change: Change | None) -> Json | None:
    if change is None:
        return None
    return {
        "diff": change.diff,
        "dangers": list(change.dangers),
        "why_none": change.why_none,
        "withheld": change.withheld,
    }


def _step(step: Step) -> Json:
    exchange, decision = step.exchange, step.exchange.decision
    return {
        "kind": decision.kind,
        "request": {
            "method": shown(exchange.request.method),
            "target": shown(exchange.request.target),
            "headers": _lines(exchange.request_lines),
        },
        "route": exchange.route.name,
        "mode": exchange.route.mode or "off",
        "decision": {
            "verdict": type(decision).__name__.lower(),
            "action": type(exchange.action).__name__.lower(),
            "reason": decision.reason.value,
            "rule": _place(decision.rule),
            "detail": None if decision.detail is None else shown(decision.detail),
            "refused": [shown(each) for each in decision.refused] if isinstance(decision, Refuse) else [],
        },
        "proxy_checks": _checks(step.proxy),
        "response": {
            "status": exchange.status,
            "by": "proxy" if exchange.answered_by_proxy else "api",
            "headers": _lines(exchange.response_lines),
            "known": exchange.headers_known,
        },
        "browser_checks": _checks(step.browser),
        "failure": None if step.failure is None else step.failure.check.value,
    }


def _checks(checks: tuple[CheckResult, ...]) -> list[Json]:
    return [
        {"check": check.name, "passed": check.passed, "text": check.text, "rule": _place(check.rule)}
        for check in checks
    ]


def _lines(lines: tuple[Line, ...]) -> list[list[str]]:
    return [[shown(name), shown(value)] for name, value in lines]


def _place(place: Place | None) -> str | None:
    return None if place is None else str(place)
