"""The transcripts of docs/explaining.md are what `explain` prints, and it names every way."""

from pathlib import Path

import pytest

from cors_proxy.explain.ways import WAYS
from cors_proxy.policy.read import parse_policy
from tests.transcripts import Document, matches, run

GUIDE = Document("docs/explaining.md")
FROM_LOG, *VIA = GUIDE.commands()
(ISOLATED,) = (block for block in GUIDE.blocks("yaml") if "isolate" in block)


def test_from_the_log(tmp_path: Path) -> None:
    policy, line = GUIDE.blocks("yaml")[0], GUIDE.blocks("json")[0]
    assert parse_policy(policy, "policy.yaml", "")[1] == []
    (tmp_path / "policy.yaml").write_text(policy)
    (tmp_path / "access.log").write_text(line)
    command, expected = FROM_LOG
    found = run(command, tmp_path, status=1)
    assert matches(expected, found), found


@pytest.mark.parametrize(("command", "expected"), VIA)
def test_via(command: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(ISOLATED)
    found = run(command, tmp_path)
    assert matches(expected, found), found


def test_it_names_every_way() -> None:
    rows = [line for line in GUIDE.text.splitlines() if line.startswith("| `")]
    names = [line.split("`")[1] for line in rows]
    first = names.index(WAYS[0].name)
    assert names[first : first + len(WAYS)] == [way.name for way in WAYS]
    assert all(way.code in row for way, row in zip(WAYS, rows[first:], strict=False))
