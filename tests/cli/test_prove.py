"""`prove`: the exit codes and the formats."""

import json
from pathlib import Path

import pytest

from cors_proxy.cli.main import main

HEAD = "version: 1\nupstream: http://api:3000\ncors: {origins: [https://app.example]}\n"
HOLDS = "assert: [{public: none}]\n"
FAILS = "assert:\n  - public: none\n  - never: {path: /admin/**}\n"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    texts = {
        "policy": HEAD,
        "own": HEAD + HOLDS,
        "broken": HEAD + FAILS,
        "holds": HOLDS,
        "fails": FAILS,
        "wrong": "assert: 1\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return {name: str(tmp_path / f"{name}.yaml") for name in texts}


@pytest.mark.parametrize(
    ("policy", "assertions", "code"),
    [
        ("policy", "holds", 0),
        ("policy", "fails", 1),
        ("own", "", 0),
        ("policy", "", 2),
        ("broken", "", 2),
        ("policy", "wrong", 2),
        ("wrong", "holds", 2),
    ],
)
def test_exit_codes(policy: str, assertions: str, code: int, files: dict[str, str]) -> None:
    assert main(["prove", *([files[assertions]] if assertions else []), "-c", files[policy]]) == code


def test_text(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["prove", files["fails"], "-c", files["policy"]])
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"ok    public: none   {files['fails']}:2", "      holds for every request"]
    assert lines[3:5] == [
        "      GET /admin, Origin: https://app.example",
        f"      is forwarded: origin-allowed ({files['policy']}:3)",
    ]
    assert (
        lines[5].strip()
        == f"cors-proxy explain -c {files['policy']} --origin https://app.example https://api.example/admin"
    )
    assert lines[-1] == "1 proved, 1 not"


def test_json(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["prove", files["fails"], "-c", files["policy"], "--format", "json"])
    first, second = json.loads(capsys.readouterr().out)["proofs"]
    assert first["holds"] and "counter_example" not in first
    assert second["line"] == 3 and second["counter_example"]["rule"] == f"{files['policy']}:3"
