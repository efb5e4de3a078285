"""What differs about one request under two policies."""

from typing import NamedTuple

from ..cors.decision import Decision
from ..cors.judge import judge
from ..partition.cases import Case
from ..partition.outcome import Outcome, Permission, outcome
from ..partition.side import Side

Observed = tuple[str, str]


class Difference(NamedTuple):
    """What a case may newly do, and no longer; `also` is what else differs, before and after."""

    case: Case
    gained: frozenset[Permission]
    lost: frozenset[Permission]
    also: tuple[frozenset[Observed], frozenset[Observed]]
    decisions: tuple[Decision, Decision]


def difference_of(sides: tuple[Side, Side], case: Case) -> Difference | None:
    """What differs about one request; None where nothing does."""
    judged = [judge(side.site, case.request) for side in sides]
    old, new = (
        outcome(side.site, case.request, judgement) for side, judgement in zip(sides, judged, strict=True)
    )
    if old == new:
        return None
    decisions = (judged[0].decision, judged[1].decision)
    return Difference(case, new.may - old.may, old.may - new.may, _also(old, new), decisions)


def _also(old: Outcome, new: Outcome) -> tuple[frozenset[Observed], frozenset[Observed]]:
    return old.also - new.also, new.also - old.also
