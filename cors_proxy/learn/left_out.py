"""What is left for a person to confirm, and why."""

from dataclasses import dataclass, field

from .tally import Span


@dataclass(slots=True)
class Left:
    """One thing that was left out: an origin, a method, a header, and why."""

    what: str
    why: str
    span: Span = field(default_factory=Span)
    where: dict[str, None] = field(default_factory=dict)  # paths, each once


class LeftOut:
    """Joins what was left out for one reason at many places."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Left] = {}

    def add(self, what: str, why: str, span: Span, where: str = "") -> None:
        left = self._found.setdefault((what, why), Left(what, why))
        left.span.join(span)
        if where:
            left.where[where] = None

    def all(self) -> list[Left]:
        return sorted(self._found.values(), key=lambda left: -left.span.count)
