"""`explain` ends with 0 where the page gets the API's answer, 1 where not, 2 for a mistake of the call; JSON is printed alone."""

import json
from pathlib import Path

import pytest

from cors_proxy.cli.main import main

POLICY = """version: 1
upstream: http://127.0.0.1:3000
hosts: [api.example]
cors:
  origins: [https://app.example]
  methods: [GET, PUT]
"""


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "code", "out", "err"),
    [
        (["--origin", "https://app.example", "/r"], 0, "policy.yaml:5: origins: [https://app.example]", ""),
        (["--origin", "https://app.example", "--method", "PUT", "/r"], 0, "Access-Control-Allow-Methods: PUT", ""),
        (["--origin", "https://evil.example", "/r"], 1, "+  origins: [https://app.example, https://evil.example]", ""),
        (["--origin", "https://app.example", "--method", "DELETE", "/r"], 1, "policy.yaml:6: methods: [GET, PUT]", ""),
        (["--origin", "https://app.example", "--method", "POST", "--header", "X-A: b", "--credentials", "/r"], 1, "policy.yaml:6", ""),
        (["--origin", "https://app.example", "r"], 2, "", "neither a path"),
        (["--origin", "https://app.example", "--header", "A B", "/r"], 2, "", "is no header"),
    ],
)
def test_verdicts(policy: str, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, out: str, err: str) -> None:
    assert main(["explain", "-c", policy, *arguments]) == code
    said = capsys.readouterr()
    assert out in said.out
    assert err in said.err
    assert bool(said.err) is (code == 2)


@pytest.mark.parametrize("arguments", [["--origin", "https://app.example"], ["/r", "--method", "GET"]])
def test_what_is_missing(policy: str, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        raise SystemExit(main(["explain", "-c", policy, *arguments]))
    assert left.value.code == 2


@pytest.mark.parametrize(
    ("text", "where", "code", "key", "value"),
    [
        (POLICY, "/r", 1, "verdict", "blocked"),
        (POLICY, "r", 2, "error", "'r' is neither a path (/items) nor a URL (https://api.example.com/items)"),
        (POLICY.replace("app.example]", "app.example/]"), "/r", 1, "ok", False),
    ],
)
def test_json_alone(policy: str, capsys: pytest.CaptureFixture[str], text: str, where: str, code: int, key: str, value: object) -> None:
    Path(policy).write_text(text)
    assert main(["explain", "-c", policy, "--format", "json", "--origin", "https://evil.example", where]) == code
    said = capsys.readouterr()
    assert said.err == ""
    assert json.loads(said.out)[key] == value


def test_a_broken_policy(policy: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(policy).write_text(POLICY.replace("app.example]", "app.example/]"))
    assert main(["explain", "-c", policy, "--origin", "https://app.example", "/r"]) == 1
    assert "E301" in capsys.readouterr().err


def test_without_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CORS_PROXY_POLICY", raising=False)
    assert main(["explain", "--origin", "https://app.example", "/r"]) == 2
    assert "no policy" in capsys.readouterr().err


def test_a_policy_in_the_environment(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CORS_PROXY_POLICY", POLICY)
    assert main(["explain", "--origin", "https://evil.example", "/r"]) == 1
    assert "+  origins: [https://app.example, https://evil.example]" in capsys.readouterr().out
