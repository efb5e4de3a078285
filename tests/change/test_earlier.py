"""The policy at an earlier revision."""

import os
import subprocess
from pathlib import Path

import pytest

from cors_proxy.change.earlier import EarlierError, revision_of


def git(folder: Path, *words: str) -> None:
    names = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    subprocess.run(["git", "-C", str(folder), *names, *words], check=True, capture_output=True)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    folder = tmp_path / "conf"
    folder.mkdir()
    git(tmp_path, "init", "--quiet")
    for number in (1, 2):
        (folder / "policy.yaml").write_text(f"{number}\n")
        (folder / "tenants.txt").write_text(f"https://t{number}.example\n")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "--quiet", "--message", str(number))
    return folder / "policy.yaml"


def test_the_file_and_what_it_names(policy: Path) -> None:
    with revision_of(str(policy), "HEAD~1", os.environ) as earlier:
        assert (earlier.text, earlier.name) == ("1\n", "git:HEAD~1:conf/policy.yaml")
        assert Path(earlier.folder, "tenants.txt").read_text() == "https://t1.example\n"
    assert not Path(earlier.folder).exists()


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", ""])
def test_no_such_revision(policy: Path, revision: str) -> None:
    with pytest.raises(EarlierError), revision_of(str(policy), revision, os.environ):
        pass


def test_no_repository(tmp_path: Path) -> None:
    with (
        pytest.raises(EarlierError, match="not a git repository"),
        revision_of(str(tmp_path / "p.yaml"), "HEAD", os.environ),
    ):
        pass
