"""Every rule and every test that the threat model names exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)(?:::([\w.]+))?`", TEXT)))
ROWS = [line for line in TEXT.splitlines() if re.search(r"\| (existing|recommended|yours)", line)]


def defined(file: Path) -> set[str]:
    """Functions and classes, and methods as `Class.method`."""
    names = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
            inner = [
                each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            ]
            names |= {f"{node.name}.{name}" for name in inner}
    return names


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_it_is_there(file: str, name: str) -> None:
    path = ROOT / file if file.startswith("tests/") else ROOT / "cors_proxy" / file
    assert path.is_file()
    assert not name or name in defined(path)


def test_every_threat_has_a_test() -> None:
    assert len(ROWS) > 40
    for row in ROWS:
        assert row.count(" | ") == 3 and "`tests/" in row.split(" | ")[2], row
