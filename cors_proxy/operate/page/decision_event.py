"""Decisions as the page shows them, and no more of them than a person can read.

The query is left out, as in the access log, because it holds tokens.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from ...cors.decision import Refuse
from ...cors.escape import shown
from ...proxy.recorder import Exchange
from ..access_log import asked_headers, decision_label

# Keys as in the page's script, values in printable ASCII.
DecisionEvent = dict[str, str | int | float | bool | list[str] | None]
Deliver = Callable[[list[DecisionEvent], int], None]
"""Takes decisions, and the number of further ones that were skipped."""

MAX_BATCH: Final = 50  # decisions in each period
PERIOD: Final = 0.25  # seconds
MAX_VALUE: Final = 200  # bytes


def decision_event(exchange: Exchange) -> DecisionEvent:
    """Values from the client are escaped and cut to `MAX_VALUE` bytes.

    But what a preflight asks for is whole: "Why?" needs all of it."""
    decision = exchange.decision
    event: DecisionEvent = {
        "time": time.time() - time.monotonic() + exchange.ended,
        "ended": exchange.ended,  # with the rest it tells one decision from the others
        "method": _cut(exchange.method),
        "path": _cut(exchange.target.partition(b"?")[0]),
        "host": _cut(exchange.host),
        "scheme": exchange.scheme,
        "origin": None if exchange.origin is None else _cut(exchange.origin),
        "status": exchange.status,
        "route": exchange.route,
        "mode": exchange.mode or "off",
        "kind": "" if decision is None else decision.kind,
        "decision": decision_label(decision),
        "reason": "" if decision is None else decision.reason.value,
        "rule": "" if decision is None or decision.rule is None else str(decision.rule),
        "detail": "" if decision is None or decision.detail is None else _cut(decision.detail),
        "hint": decision.hint if isinstance(decision, Refuse) else "",
        "enforced": exchange.enforced,
        "difference": "" if exchange.difference is None else exchange.difference.value,
        "fault": "" if exchange.fault is None else exchange.fault.value,
        "milliseconds": round((exchange.ended - exchange.started) * 1000, 1),
    }
    judged = exchange.judged
    if judged is not None and decision is not None and decision.kind == "preflight":
        event["asked_method"] = _cut(judged.acrm or b"")
        event["asked_headers"] = [shown(name) for name in asked_headers(judged.acrh)]
        event["asked_private_network"] = judged.acrpn == b"true"
        if isinstance(decision, Refuse):
            event["refused"] = [_cut(name) for name in decision.refused]
    return event


def _cut(value: bytes) -> str:
    return shown(value[:MAX_VALUE]) + ("…" if len(value) > MAX_VALUE else "")


class EventBatcher:
    """An observer of the recorder.

    It delivers at most `MAX_BATCH` decisions in each `PERIOD`, and counts the rest.
    """

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._batch: list[DecisionEvent] = []
        self._skipped = 0

    def __call__(self, exchange: Exchange) -> None:
        if not self._batch:
            asyncio.get_running_loop().call_later(PERIOD, self._flush)
        elif len(self._batch) >= MAX_BATCH:
            self._skipped += 1
            return
        self._batch.append(decision_event(exchange))

    def _flush(self) -> None:
        batch, skipped = self._batch, self._skipped
        self._batch, self._skipped = [], 0
        self._deliver(batch, skipped)
