"""What stands in a comment: printable ASCII on one line, and no more of it than one reads."""

from typing import Final

from ..cors.escape import escaped
from .tally import Span

LIMIT: Final = 100


def safe(value: str, limit: int = LIMIT) -> str:
    """A value that a client or a file chose."""
    return escaped(value.encode("utf-8", "surrogatepass"), limit)


def times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def span_text(span: Span) -> str:
    """`14 times, 2026-11-28 10:02 to 2026-11-29 03:10`; in part where there are no times."""
    first, last = _minute(span.first), _minute(span.last)
    if not first:
        return times(span.count)
    return f"{times(span.count)}, {first}" + ("" if first == last else f" to {last}")


def _minute(time: str) -> str:
    return safe(time[:16].replace("T", " "), 20)


def counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{safe(name)} {count}" for name, count in counts.items() if count)


def some(values: list[str], bound: int = 3) -> str:
    """The first ones, and how many more there are."""
    more = len(values) - bound
    return ", ".join(map(safe, values[:bound])) + (f" and {more} more" if more > 0 else "")
