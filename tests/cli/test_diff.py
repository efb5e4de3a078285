"""`diff`: the exit codes and the formats."""

import json
from pathlib import Path

import pytest

from cors_proxy.cli.main import main

HEAD = "version: 1\nupstream: http://api:3000\n"
APP = "cors: {origins: [https://app.example]}\n"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    texts = {
        "none": HEAD,
        "app": HEAD + APP,
        "workers": HEAD + "server: {workers: 2}\n",
        "wrong": "version: 2\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return {name: str(tmp_path / f"{name}.yaml") for name in texts}


@pytest.mark.parametrize(
    ("old", "new", "options", "code"),
    [
        ("none", "app", [], 1),
        ("app", "none", [], 0),
        ("app", "none", ["--fail-on", "any"], 1),
        ("none", "app", ["--fail-on", "none"], 0),
        ("none", "workers", [], 0),
        ("app", "app", ["--fail-on", "any"], 0),
        ("none", "wrong", [], 2),
        ("wrong", "none", ["--format", "json"], 2),
    ],
)
def test_exit_codes(
    old: str,
    new: str,
    options: list[str],
    code: int,
    files: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["diff", files[old], files[new], *options]) == code
    assert code != 2 or "wrong.yaml" in "".join(capsys.readouterr())


def test_json(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["diff", files["none"], files["app"], "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert found["findings"][0]["key"] == "origins" and found["new"] == files["app"]


def test_text_quotes_the_lines(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["diff", files["none"], files["app"]])
    assert f"{files['app']}:3  cors: {{origins: [https://app.example]}}" in capsys.readouterr().out
