"""`diff`: the exit codes and the formats."""

import json
import subprocess
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


@pytest.mark.parametrize(
    ("form", "start"), [("markdown", "### "), ("github", "::error file="), ("sarif", "{")]
)
def test_other_formats(
    form: str, start: str, files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", files["none"], files["app"], "--format", form]) == 1
    assert capsys.readouterr().out.startswith(start)


@pytest.mark.parametrize("old", ["git:HEAD", "http://127.0.0.1:1", "unix:/nowhere.sock"])
def test_an_old_policy_that_is_not_there(
    old: str, files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", old, files["app"]]) == 2
    assert capsys.readouterr().err.startswith("cors-proxy diff: ")


def test_an_earlier_revision(
    tmp_path: Path, files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (
        ("init", "--quiet"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "--quiet", "-m", "1"),
    ):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    (tmp_path / "none.yaml").write_text(HEAD + APP)
    assert main(["diff", "git:HEAD", files["none"]]) == 1
    assert "before   refused with 403: origin-not-allowed (git:HEAD:none.yaml:1)" in capsys.readouterr().out
