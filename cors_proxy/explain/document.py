"""An explanation as one JSON document, for tools and for the admin page."""

from typing import Any

from ..cors.decision import Line
from ..cors.escape import shown
from ..cors.place import Place
from .browser import Explanation, Step
from .change import Change
from .checks import Checked

Plain = dict[str, Any]


def document(explanation: Explanation, change: Change | None) -> Plain:
    """Mappings, lists and scalars; bytes are printable ASCII, places `file:line`.  `change` is None where none was looked for."""
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
        "preflight": {"needed": bool(explanation.preflight), "because": explanation.preflight},
        "steps": [_step(step) for step in explanation.steps],
        "script": {
            "sees": {"allowed": "response", "unjudged": "unknown", "refused": "response", "blocked": "error"}[
                explanation.verdict.value
            ],
            "status": explanation.steps[-1].made.status
            if explanation.steps and explanation.verdict.value != "blocked"
            else None,
            "headers": list(explanation.readable),
        },
        "console": [
            {"browser": each.browser, "name": each.name, "text": each.text} for each in explanation.console
        ],
        "local_network": explanation.network,
        "notes": list(explanation.notes),
        "change": None
        if change is None
        else {"diff": change.diff, "dangers": list(change.dangers), "why_none": change.why_none},
    }


def _step(step: Step) -> Plain:
    made, decision = step.made, step.made.decision
    return {
        "kind": decision.kind,
        "request": {
            "method": shown(made.request.method),
            "target": shown(made.request.target),
            "headers": _lines(made.request_lines),
        },
        "route": made.route.name,
        "mode": made.route.mode or "off",
        "decision": {
            "verdict": type(decision).__name__.lower(),
            "action": type(made.action).__name__.lower(),
            "reason": decision.reason.value,
            "rule": _place(decision.rule),
            "detail": None if decision.detail is None else shown(decision.detail),
        },
        "proxy_checks": _checks(step.proxy),
        "response": {
            "status": made.status,
            "by": "proxy" if made.by_proxy else "api",
            "headers": _lines(made.lines),
            "known": made.known,
        },
        "browser_checks": _checks(step.browser),
        "failure": None if step.failure is None else step.failure.check.value,
    }


def _checks(checks: tuple[Checked, ...]) -> list[Plain]:
    return [
        {"check": check.name, "passed": check.passed, "text": check.text, "rule": _place(check.rule)}
        for check in checks
    ]


def _lines(lines: tuple[Line, ...]) -> list[list[str]]:
    return [[shown(name), shown(value)] for name, value in lines]


def _place(place: Place | None) -> str | None:
    return None if place is None else str(place)
