"""docs/explaining.md: `--via` prints what it shows, and it names every way."""

from pathlib import Path

import pytest

from cors_proxy.explain.ways import WAYS

from .transcripts import Document, matches, run

GUIDE = Document("docs/explaining.md")


VIA = [(command, expected) for command, expected in GUIDE.commands() if "--via" in command]
(POLICY,) = (block for block in GUIDE.blocks("yaml") if "isolate" in block)


@pytest.mark.parametrize(("command", "expected"), VIA)
def test_what_via_shows(command: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    assert matches(expected, run(command, tmp_path))


def test_it_names_every_way() -> None:
    rows = [line for line in GUIDE.text.splitlines() if line.startswith("| `")]
    names = [line.split("`")[1] for line in rows]
    first = names.index(WAYS[0].name)
    assert names[first : first + len(WAYS)] == [way.name for way in WAYS]
    assert all(way.code in row for way, row in zip(WAYS, rows[first:], strict=False))
