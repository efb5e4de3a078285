"""The transcripts of docs/changes.md are what `diff`, `prove` and `check` print."""

from pathlib import Path

import pytest

from tests.transcripts import Document, matches, run

GUIDE = Document("docs/changes.md")
OLD, NEW, ASSERTIONS = GUIDE.blocks("yaml")


@pytest.mark.parametrize(("command", "expected"), GUIDE.commands())
def test_transcripts(command: str, expected: str, tmp_path: Path) -> None:
    first = "".join(ASSERTIONS.splitlines(keepends=True)[:2])
    own = NEW + first if " check " in command else NEW
    for name, text in (("old", OLD), ("new", own), ("assertions", ASSERTIONS)):
        (tmp_path / f"{name}.yaml").write_text(text)
    found = run(command, tmp_path, status=1)
    assert matches(expected, found), found
