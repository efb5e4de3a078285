"""The figures as Markdown: a table for each work, memory, and the targets."""

from bench.figures import Figures, Spread
from bench.subjects import TITLES
from bench.targets import KIB, MIB, Compared, Target, against, targets
from bench.works import WORKS

REUSE = 10.0  # connections to the upstream for 1,000 requests; above it, connections are not reused
OTHERS = 0.1  # share of the subject's core; above it, the figures are not the subject's own
FAULTS = 10.0  # page faults for each request; above it, they are the main cost


def document(figures: Figures, facts: list[tuple[str, str]]) -> str:
    """`facts` are (name, value): the date, how it was run, and all versions."""
    compared = against(figures)
    # A run that compares two builds has few of the figures that the targets need.
    held = [target for target in targets(figures) if target.measured or not compared]
    parts = [_rows(["what", "which"], [list(fact) for fact in facts]), "### Targets", _targets(held)]
    if compared:
        parts += ["### Now to before", _against(compared)]
    for work in figures.works():
        parts += [f"### {WORKS[work].title}", _work(figures, work)]
    if figures.memory:
        parts += ["### Memory and start", _memory(figures)]
    notes = _notes(figures)
    if notes:
        parts += ["### Remarks", notes]
    return "\n\n".join(parts) + "\n"


def _work(figures: Figures, work: str) -> str:
    rows = []
    for subject in figures.subjects(work):
        # The peers' logs are off, whatever ours does: by default they write none.
        suffix = "-tls" if subject.endswith("-tls") else ""
        to = [figures.ratio((work, subject), (work, peer + suffix)) for peer in ("envoy", "nginx")]
        user, system, rate, p50, p99, resident = (
            figures.of(work, subject, what) for what in ("user", "system", "rate", "p50", "p99", "resident")
        )
        rows.append(
            [
                TITLES[subject],
                _spread(figures.of(work, subject), ".1f"),
                f"{_middle(user, '.1f')} + {_middle(system, '.1f')}",
                *(_spread(ratio, ".2f") for ratio in to),
                *(_middle(each, ",.0f") if each and each.most else "" for each in (rate, p50, p99)),
                "" if resident is None else f"{resident.most / MIB:.1f}",
            ]
        )
    what = "frame" if WORKS[work].frames else "request"
    cpu, ratios = [f"CPU µs a {what}", "user + system"], ["CPU to Envoy's", "CPU to nginx's"]
    return _rows(["subject", *cpu, *ratios, f"{what}s/s", "p50 µs", "p99 µs", "RSS MiB"], rows)


def _memory(figures: Figures) -> str:
    rows = []
    for name, memory in figures.memory.items():
        load = f"{figures.loads[name]:.2f}" if name in figures.loads else ""
        each = f"{memory.connection / KIB:.1f}"
        rows.append([TITLES[name], f"{memory.idle / MIB:.1f}", each, f"{memory.started:.2f}", load])
    return _rows(
        [
            "subject",
            "RSS after the start, MiB",
            "an idle connection, KiB",
            "start to the first answer, s",
            "`check`, s",
        ],
        rows,
    )


def _against(found: list[Compared]) -> str:
    rows = [
        [one.title, _spread(one.ratio, ".3f"), _spread(one.twins, ".3f"), f"≤ {one.limit:.3f}", one.verdict]
        for one in found
    ]
    return _rows(["work", "now to before", "one build, twice", "at most", ""], rows)


def _targets(found: list[Target]) -> str:
    rows = []
    for target in found:
        measured = _spread(target.measured, ".2f") + (target.unit if target.measured else "")
        limit = "" if target.limit is None else f"≤ {target.limit:g}{target.unit}"
        rows.append([target.title, limit, measured, target.verdict])
    return _rows(["target", "at most", "measured", ""], rows)


def _notes(figures: Figures) -> str:
    lines = [
        f"- {WORKS[work].title}, {TITLES[subject]}: {what}" for work, subject, what in figures.troubles()
    ]
    for work in figures.works():
        for subject in figures.subjects(work):
            title = f"{WORKS[work].title}, {TITLES[subject]}"
            opened, faults, others = (
                figures.of(work, subject, what) for what in ("connections", "faults", "others")
            )
            if opened and opened.most > REUSE:
                lines.append(
                    f"- {title}: up to {opened.most:,.0f} connections to the upstream for each 1,000 requests"
                )
            if faults and faults.most > FAULTS:
                lines.append(
                    f"- {title}: up to {faults.most:,.0f} page faults for each request:"
                    " memory is returned to the kernel and requested again"
                )
            if others and others.most > OTHERS:
                lines.append(
                    f"- {title}: up to {others.most:.0%} of its core was used by something else: run it again"
                )
    return "\n".join(lines)


def _spread(found: Spread | None, form: str) -> str:
    """The median, and `[min–max]` if there were several rounds."""
    if found is None:
        return ""
    one, least, most = (format(number, form) for number in found)
    return one if least == most else f"{one} [{least}–{most}]"


def _middle(found: Spread | None, form: str) -> str:
    return "" if found is None else format(found.median, form)


def _rows(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table. Its columns are padded, so that it is readable as text too."""
    lines = [head, *rows]
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(head))]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in [head, rule, *rows]
    )
