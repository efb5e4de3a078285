"""Runs the console blocks and YAML blocks of a document, to compare them with what it shows."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROGRAM = f"{shlex.quote(sys.executable)} -m cors_proxy"


class Document:
    """`path` is relative to the repository."""

    def __init__(self, path: str) -> None:
        self.path = ROOT / path
        self.text = self.path.read_text()
        self._blocks: list[tuple[str, str]] = re.findall(
            r"^```(\w+)\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL
        )

    def blocks(self, kind: str) -> list[str]:
        return [block for own, block in self._blocks if own == kind]

    def commands(self) -> list[tuple[str, str]]:
        """(command, expected output) of every console block, in order.

        A command goes on after a backslash at the end of a line."""
        found = (
            re.findall(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
            for block in self.blocks("console")
        )
        return [pair for block in found for pair in block]

    def dead_links(self) -> list[str]:
        targets = re.findall(r"\]\(([^)#]+)\)", self.text)
        return [
            target for target in targets if "://" not in target and not (self.path.parent / target).exists()
        ]


def run(command: str, folder: Path = ROOT, status: int = 0) -> str:
    """The output of a command; `.venv/bin/cors-proxy`, or `cors-proxy` as its first word, is the
    program under test.

    Another exit status is an AssertionError."""
    command = re.sub(r"^cors-proxy ", f"{PROGRAM} ", command.replace(".venv/bin/cors-proxy", PROGRAM))
    done = subprocess.run(
        command, shell=True, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == status, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout.replace("\r\n", "\n").rstrip("\n") + "\n"


def matches(expected: str, found: str) -> bool:
    """`...` stands for any number of lines; the case of header names is ignored."""
    pattern = "".join(
        "(?:.*\n)*?" if line == "..." else re.escape(line) + "\n?" for line in expected.splitlines()
    )
    return re.fullmatch(pattern, found, re.IGNORECASE) is not None
