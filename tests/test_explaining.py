"""The transcript of docs/explaining.md is what `explain` prints."""

from pathlib import Path

from cors_proxy.policy.read import parse_policy
from tests.transcripts import Document, matches, run


def test_from_the_log(tmp_path: Path) -> None:
    document = Document("docs/explaining.md")
    policy, line = document.blocks("yaml")[0], document.blocks("json")[0]
    assert parse_policy(policy, "policy.yaml", "")[1] == []
    (tmp_path / "policy.yaml").write_text(policy)
    (tmp_path / "access.log").write_text(line)
    ((command, expected),) = document.commands()
    found = run(command, tmp_path, status=1)
    assert matches(expected, found), found
