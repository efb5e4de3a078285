"""All figures of a run, by round.

Ratios are of one round; the tables show the median of all rounds."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bench.measure import Figure, Memory


class Spread(NamedTuple):
    """One number over all rounds."""

    median: float
    least: float
    most: float


def spread(numbers: Iterable[float]) -> Spread | None:
    """None if nothing was measured."""
    found = sorted(numbers)
    return Spread(statistics.median(found), found[0], found[-1]) if found else None


@dataclass
class Figures:
    """`rounds[n][work][subject]`, by name.

    `loads` are the seconds of `cors-proxy check` by subject."""

    rounds: list[dict[str, dict[str, Figure]]] = field(default_factory=list)
    memory: dict[str, Memory] = field(default_factory=dict)
    loads: dict[str, float] = field(default_factory=dict)

    def add(self, number: int, work: str, subject: str, figure: Figure) -> None:
        while len(self.rounds) <= number:
            self.rounds.append({})
        self.rounds[number].setdefault(work, {})[subject] = figure

    def works(self) -> list[str]:
        return list(dict.fromkeys(work for each in self.rounds for work in each))

    def subjects(self, work: str) -> list[str]:
        return list(dict.fromkeys(subject for each in self.rounds for subject in each.get(work, {})))

    def of(self, work: str, subject: str, what: str = "cpu") -> Spread | None:
        """`what` is a field of `Figure`."""
        return spread(
            getattr(each[work][subject], what) for each in self.rounds if subject in each.get(work, {})
        )

    def ratio(self, one: tuple[str, str], other: tuple[str, str], what: str = "cpu") -> Spread | None:
        """The ratio of one (work, subject) to another, taken in each round."""
        return spread(
            getattr(each[one[0]][one[1]], what) / getattr(each[other[0]][other[1]], what)
            for each in self.rounds
            if one[1] in each.get(one[0], {}) and other[1] in each.get(other[0], {})
        )

    def troubles(self) -> list[tuple[str, str, str]]:
        """(work, subject, what), each once."""
        found = [
            (w, s, figure.trouble)
            for each in self.rounds
            for w, by in each.items()
            for s, figure in by.items()
            if figure.trouble
        ]
        return list(dict.fromkeys(found))

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        rounds = [
            {w: {s: figure._asdict() for s, figure in by.items()} for w, by in each.items()}
            for each in self.rounds
        ]
        return {
            "rounds": rounds,
            "memory": {name: each._asdict() for name, each in self.memory.items()},
            "loads": self.loads,
        }
