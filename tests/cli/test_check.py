"""`check`: its exit codes and its three formats."""

import json
from pathlib import Path

import pytest
import yaml

from cors_proxy.cli.main import main

GOOD = "version: 1\nupstream: http://api:3000\n"
BAD = GOOD + "cors:\n  origins: [https://app.example/]\n  max_age: 3h\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CORS_PROXY_POLICY", raising=False)
    Path("good.yaml").write_text(GOOD)
    Path("bad.yaml").write_text(BAD)
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["check", *words])
    return status, *capsys.readouterr()


def test_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(capsys, "-c", "good.yaml") == (0, "good.yaml: no problems\n", "")
    status, out, err = check(capsys, "-c", "bad.yaml")
    lines = out.splitlines()
    assert (status, err) == (1, "")
    assert lines[0].startswith("bad.yaml:4:13  E301  cors.origins[0]: ")
    assert lines[1:] == [
        "    4 |   origins: [https://app.example/]",
        "      |             ^^^^^^^^^^^^^^^^^^^^",
        "    write https://app.example",
        "bad.yaml:5:12  W405  max_age: Chromium caches a preflight for at most 7200 seconds, not 10800",
        "    5 |   max_age: 3h",
        "      |            ^^",
        "    write 2h",
        "bad.yaml: 1 error, 1 warning",
    ]


def test_the_policy_can_be_named_without_an_option(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(capsys, "bad.yaml") == check(capsys, "-c", "bad.yaml")
    status, out, err = check(capsys, "good.yaml", "-c", "good.yaml")
    assert (status, out, err) == (2, "", "cors-proxy check: -c and FILE exclude each other\n")


def test_a_line_of_a_file_that_the_policy_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("names.txt").write_text("https://a.example\nhttps://b.example/\n")
    Path("a  b.yaml").write_text(GOOD + "cors: {origins: [{file: names.txt}]}\n")
    lines = check(capsys, "a  b.yaml")[1].splitlines()
    assert lines[0].startswith("names.txt:2:1  E301  cors.origins[0] (names.txt): ")
    assert lines[1:4] == [
        "    2 | https://b.example/",
        "      | ^^^^^^^^^^^^^^^^^^",
        "    write https://b.example",
    ]


def test_colour_only_on_a_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b" not in check(capsys, "bad.yaml")[1]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = check(capsys, "bad.yaml")[1]
    assert "\x1b[1;31mE301\x1b[0m" in out and "\x1b[1;33mW405\x1b[0m" in out
    assert "\x1b" not in check(capsys, "bad.yaml", "--format", "json")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in check(capsys, "bad.yaml")[1]


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = check(capsys, "--explain", "e301")
    assert (status, err) == (0, "")
    assert out.startswith("E301, error: not an origin") and "\nRight:\n" in out
    status, out, err = check(capsys, "--explain", "E999")
    assert (status, out) == (2, "") and "E999" in err


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = check(capsys, "-c", "bad.yaml", "--format", "json")
    document = json.loads(out)
    assert (status, err, document["ok"]) == (1, "", False)
    assert document["problems"][1] == {
        "file": "bad.yaml",
        "line": 5,
        "column": 12,
        "code": "W405",
        "severity": "warning",
        "message": "max_age: Chromium caches a preflight for at most 7200 seconds, not 10800",
        "hint": "write 2h",
    }
    document = json.loads(check(capsys, "-c", "good.yaml", "--format", "json", "--show")[1])
    assert document["ok"] and document["effective"]["routes"][0]["path"] == "/**"


def test_github(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a,b.yaml").write_text(GOOD + "cors: {origins: 'https://100%/'}\n")
    status, out, _ = check(capsys, "-c", "a,b.yaml", "--format", "github")
    assert status == 1
    assert out.startswith("::error file=a%2Cb.yaml,line=3,col=17,title=E301::cors.origins: ")
    assert "https://100%25/" in out
    assert check(capsys, "-c", "good.yaml", "--format", "github") == (0, "", "")


def test_show(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = check(capsys, "-c", "good.yaml", "--show")
    first, _, shown = out.partition("\n\n")
    assert (status, first) == (0, "good.yaml: no problems")
    assert yaml.safe_load(shown)["routes"][0]["cors"]["methods"] == ["GET", "HEAD", "POST"]
    assert "routes:" not in check(capsys, "-c", "bad.yaml", "--show")[1]


def test_the_source(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, err = check(capsys)
    assert (status, out) == (2, "") and "no policy" in err
    monkeypatch.setenv("CORS_PROXY_POLICY", GOOD)
    assert check(capsys) == (0, "CORS_PROXY_POLICY: no problems\n", "")
    monkeypatch.setenv("CORS_PROXY_POLICY", "none.yaml")
    status, out, _ = check(capsys)
    assert status == 1 and out.startswith("none.yaml:1:1  E101  ")
