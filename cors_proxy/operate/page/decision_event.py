"""A decision as the page shows it, and never more of them than a person could read.

The query is left out, as in the access log: it is where tokens stand."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from ...cors.decision import Refuse
from ...cors.escape import shown
from ...proxy.recorder import Exchange
from ..access_log import verdict

DecisionEvent = dict[str, str | int | float | bool | None]
Deliver = Callable[[list[DecisionEvent], int], None]
"""Takes glimpses, and how many more there were that are left out."""

BATCH: Final = 50  # glimpses a period
PERIOD: Final = 0.25  # seconds
WIDTH: Final = 200  # bytes of a value


def decision_event(exchange: Exchange) -> DecisionEvent:
    """Text, numbers and truth values; what a client sent is cut, and printable ASCII."""
    decision = exchange.decision
    return {
        "time": time.time(),
        "method": _cut(exchange.method),
        "path": _cut(exchange.target.partition(b"?")[0]),
        "host": _cut(exchange.host),
        "scheme": exchange.scheme,
        "origin": None if exchange.origin is None else _cut(exchange.origin),
        "status": exchange.status,
        "route": exchange.route,
        "mode": exchange.mode or "off",
        "kind": "" if decision is None else decision.kind,
        "decision": verdict(decision),
        "reason": "" if decision is None else decision.reason.value,
        "rule": "" if decision is None or decision.rule is None else str(decision.rule),
        "detail": "" if decision is None or decision.detail is None else _cut(decision.detail),
        "hint": decision.hint if isinstance(decision, Refuse) else "",
        "enforced": exchange.enforced,
        "difference": "" if exchange.difference is None else exchange.difference.value,
        "fault": "" if exchange.fault is None else exchange.fault.value,
        "milliseconds": round((exchange.ended - exchange.started) * 1000, 1),
    }


def _cut(value: bytes) -> str:
    return shown(value[:WIDTH]) + ("…" if len(value) > WIDTH else "")


class Gatherer:
    """A recorder's watcher: hands on at most `BATCH` glimpses every `PERIOD`, and counts the rest."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._glimpses: list[DecisionEvent] = []
        self._skipped = 0

    def __call__(self, exchange: Exchange) -> None:
        if not self._glimpses:
            asyncio.get_running_loop().call_later(PERIOD, self._flush)
        elif len(self._glimpses) >= BATCH:
            self._skipped += 1
            return
        self._glimpses.append(decision_event(exchange))

    def _flush(self) -> None:
        glimpses, skipped = self._glimpses, self._skipped
        self._glimpses, self._skipped = [], 0
        self._deliver(glimpses, skipped)
