"""docs/decision-table.md agrees with the code, the cases and the reasons."""

import ast
import re
from pathlib import Path

import pytest

from cors_proxy.cors.reason import Reason
from cors_proxy.explain.reasons import ABOUT

from .casebook import cases
from .test_threat_model import defined

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "decision-table.md").read_text("utf-8")
SECTIONS = {
    title.removeprefix("Row "): text
    for title, text in re.findall(r"^##+ (.+)\n((?:(?!##).*\n)*)", TEXT, re.MULTILINE)
}
OVERVIEW = re.findall(r"^\| \[(\w+)\]\(#row-(\w+)\) \|", TEXT, re.MULTILINE)
ROWS = [row for row, _ in OVERVIEW]
CASES = {(case.policy.name.partition("-")[0], case.name): case.row for case in cases()}
CODE = re.compile(r"`(cors/\w+\.py)::([\w.]+)`")


def listed(section: str, word: str) -> str:
    """What follows `* Word:` in a section, with its wrapped lines."""
    found = re.search(rf"^\* {word}: ?((?:.*\n)(?:  .*\n)*)", SECTIONS[section], re.MULTILINE)
    return found[1] if found else ""


def reasons(row: str) -> list[str]:
    return re.findall(r"`([\w-]+)`", listed(row, "Reasons"))


def cited(section: str) -> list[tuple[str, str]]:
    return re.findall(r"^  \* (\w+): (.+)$", SECTIONS[section], re.MULTILINE)


def test_every_row_has_a_section_of_its_own_in_their_order() -> None:
    assert all(row == anchor for row, anchor in OVERVIEW)
    assert [title for title in SECTIONS if title in ROWS] == ROWS
    assert {case.row for case in cases()} == {*ROWS, "modes"}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_its_standard_its_code_its_reasons_and_its_cases(row: str) -> None:
    assert "https://" in listed(row, "Standard") or listed(row, "Standard") == "none\n"
    assert CODE.findall(listed(row, "Code"))
    assert reasons(row) and set(reasons(row)) <= {reason.value for reason in Reason}
    assert cited(row)


@pytest.mark.parametrize("section", SECTIONS)
def test_what_is_named_exists(section: str) -> None:
    for file, name in CODE.findall(SECTIONS[section]):
        assert name in defined(ROOT / "cors_proxy" / file), (file, name)
    for case in cited(section):
        assert CASES[case] == section.lower(), case


def test_the_name_of_a_case_is_unique() -> None:
    for mode in ("enforce", ""):
        names = [(case.policy.name.partition("-")[0], case.name) for case in cases() if case.mode == mode]
        assert len(set(names)) == len(names)


def test_every_reason_of_a_decision_is_in_a_row() -> None:
    """Those that the modules of `cors/` name, besides the list itself."""
    decided = {
        node.attr
        for file in (ROOT / "cors_proxy" / "cors").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Reason"
    }
    assert len(decided) > 20
    assert {Reason[name].value for name in decided} <= {reason for row in ROWS for reason in reasons(row)}


@pytest.mark.parametrize(
    "reason", [reason for reason in Reason if ABOUT[reason].row], ids=lambda it: it.value
)
def test_the_page_of_reasons_names_the_same_rows(reason: Reason) -> None:
    assert ABOUT[reason].row.split(", ") == [row for row in ROWS if reason.value in reasons(row)]


def test_comments_cite_rows_that_exist() -> None:
    for file in (ROOT / "cors_proxy").rglob("*.py"):
        text = file.read_text("utf-8")
        assert "DESIGN" not in text, file
        for row in re.findall(r"\brow (\d\w*)\b", text, re.IGNORECASE):
            assert row in ROWS, (file, row)
