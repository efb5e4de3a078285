"""A policy with its text; a refused policy is reported in the format that was asked for."""

import json
from pathlib import Path

import pytest

from cors_proxy.cli.policy_argument import NO_POLICY
from cors_proxy.cli.policy_text import read_policy_text, report_refused
from cors_proxy.policy.problems import PolicyProblems

TEXT = "version: 1\nupstream: http://127.0.0.1:3000\ncors: {origins: [https://app.example]}\n"


def test_a_file_and_what_is_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(TEXT)
    text, policy = read_policy_text(str(path), {})
    assert (text.text, text.name, text.folder) == (TEXT, str(path), str(tmp_path))
    assert str(policy.forwarding[0].upstream) == "http://127.0.0.1:3000"


def test_the_text_in_the_environment() -> None:
    text, _ = read_policy_text(None, {"CORS_PROXY_POLICY": TEXT})
    assert text.text == TEXT and text.folder == ""


def test_no_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="no policy") as none:
        read_policy_text(None, {})
    assert str(none.value) == NO_POLICY


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_refused_policy_is_reported_once(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PolicyProblems) as refused:
        read_policy_text(None, {"CORS_PROXY_POLICY": TEXT.replace("app.example", "app.example/")})
    assert report_refused(refused.value, "policy", form) == 1
    out, err = capsys.readouterr()
    assert "E301" in (out if form == "json" else err) and not (err if form == "json" else out)
    if form == "json":
        json.loads(out)
