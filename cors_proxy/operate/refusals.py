"""The last refusals, kept while nobody looks: the admin page shows them however much came after.

The recorder keeps short copies of the exchanges, which cost a refused request little.  They become
events when somebody asks, or when a worker reports to its supervisor.
"""

from collections.abc import Iterable

from ..proxy.recorder import Exchange
from .page.decision_event import DecisionEvent, decision_event
from .recorder import MAX_REFUSALS


class Refusals:
    """The newest `MAX_REFUSALS`, in the order in which they ended."""

    def __init__(self) -> None:
        self._events: list[DecisionEvent] = []

    def add(self, events: Iterable[DecisionEvent]) -> None:
        """Those of one process.  Several processes report at different times."""
        merged = [*self._events, *events]
        merged.sort(key=lambda event: event["ended"])  # type: ignore[arg-type, return-value]
        self._events = merged[-MAX_REFUSALS:]

    def newest_last(self) -> list[DecisionEvent]:
        return list(self._events)


def as_events(exchanges: Iterable[Exchange]) -> list[DecisionEvent]:
    return [decision_event(exchange) for exchange in exchanges]
