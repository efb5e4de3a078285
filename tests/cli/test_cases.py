"""`test` in its four forms: what passes, what fails and why, for people and for CI."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cors_proxy.cli.main import main

POLICY = "version: 1\nupstream: http://127.0.0.1:3000\ncors:\n  origins: [https://app.example]\n"
CASES = """policy: policy.yaml
cases:
  - name: 'the app # <reads> & "writes"'
    origin: https://app.example
    request: GET /r
    expect: allow
  - origin: https://evil.example
    request: POST /r
    expect: allow
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "cases.yaml").write_text(CASES)
    return tmp_path


def call(folder: Path, *arguments: str) -> int:
    return main(["test", str(folder / "cases.yaml"), *arguments])


def test_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(folder) == 1
    said = capsys.readouterr().out
    assert said.startswith('ok    the app # <reads> & "writes"\nFAIL  https://evil.example: POST /r   ')
    assert "expected allow, got refuse: https://evil.example is not allowed" in said
    assert "origins: [https://app.example]" in said
    assert said.endswith("\n1 passed, 1 failed\n")


def test_all_pass(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "cases.yaml").write_text(
        CASES.replace("POST /r\n    expect: allow", "POST /r\n    expect: refuse")
    )
    assert call(folder) == 0
    assert capsys.readouterr().out.endswith("2 passed, 0 failed\n")


def test_tap(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(folder, "--format", "tap") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        "TAP version 14", "1..2", 'ok 1 - the app \\# <reads> & "writes"', "not ok 2 - https://evil.example: POST /r", "  ---",
    ]  # fmt: skip
    assert all(line.startswith("  ") or not line for line in lines[4:])
    assert lines[-1] == "  ..."


def test_junit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(folder, "--format", "junit") == 1
    root = ElementTree.fromstring(capsys.readouterr().out)
    cases = root.findall("testsuite/testcase")
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    assert [case.get("name") for case in cases] == [
        'the app # <reads> & "writes"',
        "https://evil.example: POST /r",
    ]
    assert [case.find("failure") is not None for case in cases] == [False, True]


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(folder, "--format", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [case["passed"] for case in found["cases"]] == [True, False]
    assert found["passed"] is False


@pytest.mark.parametrize(
    ("name", "text", "code", "err"),
    [
        ("cases.yaml", "cases: [{request: /}]", 2, "expect is missing"),
        ("cases.yaml", "cases: [", 2, "cases.yaml:1:"),
        ("cases.yaml", CASES.replace("policy.yaml", "none.yaml"), 1, "E101"),
        ("policy.yaml", POLICY + "x: y\n", 1, "E201"),
    ],
)
def test_what_cannot_be_read(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, code: int, err: str
) -> None:
    (folder / name).write_text(text)
    assert call(folder) == code
    assert err in capsys.readouterr().err
    assert call(folder, "--format", "json") == code
    said = capsys.readouterr()
    assert (said.err, isinstance(json.loads(said.out), dict)) == ("", True)


def test_no_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(folder / "none.yaml")]) == 2
    assert "none.yaml" in capsys.readouterr().err
