"""`learn`: what it prints and writes, its exit codes, and hostile logs."""

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cors_proxy.cli.main import main
from cors_proxy.policy.read import parse_policy

APP = "https://app.example.com"


def line(origin: str, allowed: str, path: str = "/items", **more: Any) -> str:
    record = {
        "timestamp": "2026-11-29T03:10:00.000Z", "http.request.method": "GET", "url.path": path,
        "http.response.status_code": 200, "cors.kind": "request", "http.request.header.origin": origin,
        "server.address": "api.example.com", "cors.upstream.allow_origin": allowed,
    }  # fmt: skip
    return json.dumps(record | more) + "\n"


LOG = line(APP, APP) + line("https://evil.example", "")


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.log").write_text(LOG)


def test_a_policy_and_its_tests(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "a.log", "--upstream", "http://api:3000"]) == 0
    text, told = capsys.readouterr()
    policy, warnings = parse_policy(text, "p", "")
    assert not warnings and [route.path for route in policy.spec.routes] == ["/items"]
    assert told == "cors-proxy learn: wrote cases.yaml\n"
    Path("policy.yaml").write_text(text)
    assert main(["test", "cases.yaml", "-c", "policy.yaml"]) == 0
    assert main(["check", "policy.yaml"]) == 0


def test_several_files_count_together(capsys: pytest.CaptureFixture[str]) -> None:
    one, two = LOG.splitlines(keepends=True)
    Path("a.log").write_text(one)
    assert main(["learn", "a.log"]) == 1
    out, told = capsys.readouterr()
    assert "nothing was proven" in told and "--probe" in out and not Path("cases.yaml").exists()
    Path("b.log").write_text(two)
    assert main(["learn", "a.log", "b.log"]) == 0


def test_stdin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LOG.encode())))
    assert main(["learn", "-", "--cases", "other.yaml"]) == 0
    assert APP in capsys.readouterr().out and Path("other.yaml").exists()


def test_tests_that_exist_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    Path("cases.yaml").write_text("mine")
    assert main(["learn", "a.log"]) == 2 and Path("cases.yaml").read_text() == "mine"
    assert "--force overwrites it" in capsys.readouterr().err
    assert main(["learn", "a.log", "--force"]) == 0 and Path("cases.yaml").read_text() != "mine"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["none.log"], "none.log: "),
        ([], "nothing to read"),
        (["a.log", "--origin", APP], "--origin needs --openapi and --probe"),
        (["--origin", "app", "--openapi", "bad.har", "--probe", "http://a"], "not an origin"),
        (["a.log", "--openapi", "none.yaml"], "none.yaml: "),
        (["a.log", "--openapi", "bad.har"], "bad.har"),
        (["bad.gz"], "bad.gz: "),
        (["bad.har"], "not a HAR file"),
        (["a.log", "--upstream", "api:3000"], "upstream"),
        (["a.log", "--cases", "none/cases.yaml"], "none/cases.yaml"),
    ],
)
def test_what_it_cannot_read_is_2(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.gz").write_text("no")
    Path("bad.har").write_text("no")
    assert main(["learn", *words]) == 2
    assert expected in capsys.readouterr().err


def test_how_the_api_refuses_and_what_its_own_origin_is(capsys: pytest.CaptureFixture[str]) -> None:
    refused: Any = {"http.response.status_code": 403}
    Path("a.log").write_text(line(APP, APP) + line("https://evil.example", "", **refused))
    assert main(["learn", "a.log"]) == 1
    assert main(["learn", "a.log", "--refusal-status", "403", "--force"]) == 0
    assert main(["learn", "a.log", "--refusal-status", "403", "--self-origin", APP, "--force"]) == 1
    capsys.readouterr()


def test_lines_of_no_log_are_counted_and_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\x1b[2J\x07 first\n" + "second\n" + "x" * 200_000 + "\n"
    Path("a.log").write_text(hostile + LOG)
    assert main(["learn", "a.log"]) == 0
    told = capsys.readouterr().err
    assert "a.log: 2 lines are of no log that is known, first: \\u001b[2J\\u0007 first\n" in told
    assert "a.log: 1 line is too long to read\n" in told and "second" not in told


def test_a_visitor_cannot_write_into_the_policy(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "https://evil.example"
    refused: Any = {"http.response.status_code": 403}
    forged = [
        line(f"{APP}\n        - {evil}", APP),
        line(evil, ""),
        line(f"{APP}.evil.example", f"{APP}.evil.example"),
        line(APP, APP, "/x\n      origins: ['*']"),
        line(evil, "", "/reflects", **refused),
        line(evil, evil, "/reflects"),
        json.dumps({"http.request.method": "GET", "url.path": "/items", "http.request.header.origin": evil})
        + "\n",
        "2026-11-29T00:00:00.000Z 200 GET /items origin=https://evil.example client=::1 forward: origin-allowed 1.0ms\n",
    ]
    Path("a.log").write_text(LOG + "".join(forged))
    assert main(["learn", "a.log"]) == 0
    policy, _ = parse_policy(capsys.readouterr().out, "p", "")
    origins = {str(rule.pattern) for route in policy.spec.routes if route.cors for rule in route.cors.origins}
    assert origins == {APP}


def test_additions_to_a_policy_are_a_diff(capsys: pytest.CaptureFixture[str]) -> None:
    text = "version: 1\nupstream: http://api:3000\n"
    Path("policy.yaml").write_text(text)
    assert main(["learn", "a.log", "-c", "policy.yaml"]) == 0
    out, _ = capsys.readouterr()
    assert Path("policy.yaml").read_text() == text
    assert "+  - path: /items" in out and "#   https://evil.example: the API refused it" in out
    patched = subprocess.run(
        ["git", "apply", "-p0", "-"], input=out, text=True, check=False, capture_output=True
    )
    assert patched.returncode == 0, patched.stderr
    assert main(["test", "cases.yaml", "-c", "policy.yaml"]) == 0
    assert main(["learn", "a.log", "-c", "policy.yaml", "--force"]) == 0
    assert "policy.yaml allows everything that was proven" in capsys.readouterr().out


def test_a_policy_that_does_not_read_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    Path("policy.yaml").write_text("version: 2\n")
    assert main(["learn", "a.log", "-c", "policy.yaml"]) == 2
    assert "policy.yaml:1:10" in capsys.readouterr().err


def test_the_probe_needs_an_api(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.log").write_text(line(APP, APP))
    assert main(["learn", "a.log", "--probe", "api:3000"]) == 2
    assert main(["learn", "a.log", "--probe", "http://127.0.0.1:1"]) == 2
    assert "--probe http://127.0.0.1:1: " in capsys.readouterr().err
