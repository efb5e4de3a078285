"""The transcripts of docs/learning.md and the README are what `learn` and `test` print."""

from pathlib import Path

from tests.transcripts import Document, matches, run

GUIDE, README = Document("docs/learning.md"), Document("README.md")


def test_the_transcripts(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(GUIDE.blocks("json")[0])
    (write, _), _, (learn, printed), (test, passed) = GUIDE.commands()
    run(write, tmp_path)
    (tmp_path / "cases.yaml").unlink()
    found = run(learn, tmp_path)
    assert matches(printed, found), found
    (shown,) = (output for command, output in README.commands() if command == learn)
    assert matches(shown, found)
    assert (tmp_path / "policy.yaml").read_text() == found
    found = run(test, tmp_path)
    assert matches(passed, found), found


def test_no_dead_links() -> None:
    assert GUIDE.dead_links() == []
