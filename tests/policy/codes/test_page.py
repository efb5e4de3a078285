"""Every code is explained, and its examples show exactly it."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from cors_proxy.cli.main import main
from cors_proxy.policy.codes.about import Example
from cors_proxy.policy.codes.page import ABOUT, REQUIRED, explanation, reference
from cors_proxy.policy.problems import CODES, PolicyProblems, Problem
from cors_proxy.policy.read import parse_policy
from cors_proxy.policy.reload import restart_problems

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "checks.md"


def found(
    example: Example, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    """The codes of an example's problems."""
    for name, content in example.files.items():
        (folder / name).write_text(content, "utf-8")
    if example.missing:
        monkeypatch.setitem(sys.modules, example.missing, None)
    if example.command:
        (folder / "policy.yaml").write_text(REQUIRED + example.text, "utf-8")
        main(shlex.split(example.command)[1:])
        return re.findall(r"  ([EW]\d{3})  ", capsys.readouterr().out)
    return [problem.code for problem in problems(example, folder)]


def problems(example: Example, folder: Path) -> list[Problem]:
    def read(text: str) -> str:
        return text if example.whole else REQUIRED + text

    try:
        policy, warnings = parse_policy(read(example.text), "policy.yaml", str(folder), example.environ)
    except PolicyProblems as refused:
        return refused.problems
    if example.running:
        old, _ = parse_policy(read(example.running), "policy.yaml", str(folder), example.environ)
        warnings = warnings + restart_problems(old, policy)
    return warnings


@pytest.mark.parametrize("code", ABOUT)
def test_the_examples(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    about = ABOUT[code]
    assert found(about.wrong, tmp_path, monkeypatch, capsys) == [code]
    assert found(about.right, tmp_path, monkeypatch, capsys) == []


def test_every_code_is_explained_and_can_occur() -> None:
    assert list(ABOUT) == sorted(CODES)
    source = "".join(
        path.read_text("utf-8")
        for path in (ROOT / "cors_proxy").rglob("*.py")
        if path.name != "problems.py" and path.parent.name != "codes"
    )
    assert set(re.findall(r'"([EW]\d{3})"', source)) == set(CODES)


def test_explanations_are_sentences() -> None:
    for about in ABOUT.values():
        assert about.meaning.endswith(".") and about.why.endswith(".")


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == reference(), (
        "run: python -m cors_proxy.policy.codes.page > docs/checks.md"
    )


def test_the_text_for_a_terminal() -> None:
    text = explanation("E403")
    assert text.startswith("E403, error: http origins with credentials.\n\nAn http origin together")
    assert "\nWrong:\n\n    cors:\n      origins: [http://app.example]\n" in text
    assert "\nRight:\n\n    cors:\n" in text
    assert "`" not in text and "](" not in explanation("E203")
    for code in ABOUT:
        assert all(len(line) <= 110 and (line.isprintable()) for line in explanation(code).splitlines())
