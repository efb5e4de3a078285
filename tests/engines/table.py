"""The table in docs/fleet.md: how much of the corpus each engine carries, and what fails by which loss."""

import re
from dataclasses import dataclass, field
from pathlib import Path

BEGIN, END = "<!-- by: python -m tests.engines --table docs/fleet.md -->\n", "<!-- end of the table -->\n"


@dataclass
class Row:
    passed: int
    number: int
    failed: dict[str, str] = field(default_factory=dict)  # the key of the loss, by case


def read(text: str) -> dict[str, Row]:
    rows = {}
    made = text.partition(BEGIN)[2].partition(END)[0]
    for engine, passed, number in re.findall(r"(?m)^\| `(\S+)` \| (\d+) of (\d+) \|", made):
        rows[engine] = Row(int(passed), int(number))
    for engine, case, key in re.findall(r"(?m)^\| `(\S+)` \| ([^|]+/[^|]+) \| `([^`|]+)` \|$", made):
        rows[engine].failed[case] = key
    return rows


def write(text: str, rows: dict[str, Row]) -> str:
    """The text with these rows in the place of its own."""
    before, _, rest = text.partition(BEGIN)
    lines = [
        "| engine | pass | what fails, by the key that `check --for` names |",
        "|--|--|--|",
        *(
            f"| `{engine}` | {row.passed} of {row.number} | {_counted(row)} |"
            for engine, row in sorted(rows.items())
        ),
        "",
        "Every case that fails:",
        "",
        "| engine | case | loss |",
        "|--|--|--|",
        *(
            f"| `{engine}` | {case} | `{key}` |"
            for engine, row in sorted(rows.items())
            for case, key in sorted(row.failed.items())
        ),
    ]
    return f"{before}{BEGIN}{chr(10).join(lines)}\n{END}{rest.partition(END)[2]}"


def _counted(row: Row) -> str:
    keys = sorted(set(row.failed.values()))
    return ", ".join(f"`{key}` ({list(row.failed.values()).count(key)})" for key in keys) or "nothing"


def update(path: str, measured: dict[str, Row]) -> None:
    """Rows of engines that were not measured stay."""
    text = Path(path).read_text("utf-8")
    Path(path).write_text(write(text, read(text) | measured), "utf-8")
