"""A comparison as text, for a person at a terminal."""

from collections.abc import Callable, Iterator

from ..colour import PLAIN, Style
from ..cors.place import Place
from . import phrases
from .compare import Comparison
from .findings import Finding, Level
from .witness import witness_of

Quote = Callable[[Place], str]
_PLACES = 3  # lines of each policy that are shown of one finding


def as_text(comparison: Comparison, name: str, quotes: tuple[Quote, Quote], style: Style = PLAIN) -> str:
    """`name` is the new policy's file.  `quotes` give the line at a place, of the old and of the
    new policy."""
    lines = [
        line for finding in comparison.findings for line in _finding(comparison, finding, name, quotes, style)
    ]
    if comparison.settings:
        lines.append(style.bold("other settings"))
        lines += [f"  {phrases.setting_line(setting)}" for setting in comparison.settings]
        lines.append("")
    if comparison.findings:
        lines += [f"{origin} stands for what {feed} lists" for origin, feed in comparison.feeds.items()]
    return "\n".join([*lines, *_end(comparison, style)]) + "\n"


def _finding(
    comparison: Comparison, finding: Finding, name: str, quotes: tuple[Quote, Quote], style: Style
) -> Iterator[str]:
    paint = {
        Level.DANGER: style.error,
        Level.ACCESS: style.warning,
        Level.LOSS: style.hint,
        Level.OTHER: style.dim,
    }[finding.level]
    yield f"{paint(finding.level.value)}  {style.bold(phrases.title(finding))}"
    yield f"  routes   {phrases.routes(finding.routes)}"
    for line in phrases.changes(finding):
        yield f"  differs  {line}"
    for side, places, quote in zip(("old", "new"), finding.lines, quotes, strict=True):
        places = tuple({(place.file, place.line): place for place in places}.values())
        for place in places[:_PLACES]:
            yield f"  {side:7}  {place}  {style.dim(quote(place))}".rstrip()
        if len(places) > _PLACES:
            yield f"  {'':7}  and {len(places) - _PLACES} more lines"
        if not places:
            yield f"  {side:7}  {finding.cause.key} is not set"
    if finding.witness is not None:
        witness = witness_of(finding.witness, comparison.new, name)
        yield f"  request  {witness.request}"
        yield f"  before   {witness.before}"
        yield f"  after    {witness.after}"
        yield style.hint(f"  {witness.explain}")
        yield style.hint(f"  {witness.curl}")
    yield ""


def _end(comparison: Comparison, style: Style) -> list[str]:
    if comparison.gave_up:
        return [style.error(f"gave up: {comparison.gave_up}; there may be more differences")]
    if comparison.equal:
        return ["both policies mean the same"]
    counts = [
        f"{number} {level.value}"
        for level in Level
        if (number := sum(finding.level is level for finding in comparison.findings))
    ]
    if comparison.settings:
        settings = len(comparison.settings)
        counts.append(f"{settings} other setting{'s' if settings != 1 else ''}")
    return [", ".join(counts)]
