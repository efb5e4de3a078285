"""The hook of `.pre-commit-hooks.yaml`."""

import re
import shlex
from pathlib import Path

import yaml

from .repository import BASE, ROOT, bash, programs

(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


async def test_it_checks_every_policy_of_the_commit(tmp_path: Path) -> None:
    path = f"{programs(tmp_path / 'job')}:/usr/bin:/bin"
    names = ["policy.yaml", "a b/policy.yml"]
    (tmp_path / "a b").mkdir()
    for first, code in ((BASE, 0), ("version: 2\n", 1)):
        (tmp_path / names[0]).write_text(first)
        (tmp_path / names[1]).write_text(BASE)
        # pre-commit splits the entry as a shell does, and adds the names.
        command = shlex.join([*shlex.split(HOOK["entry"]), *names])
        found, log = await bash(command, tmp_path, {"PATH": path})
        assert found == code and all(name in log for name in names), log


def test_which_files_it_takes() -> None:
    taken = ["policy.yaml", "conf/policy.yml", "policy.json", "my-policy.yaml"]
    assert [name for name in taken if re.search(HOOK["files"], name)] == taken[:2]
