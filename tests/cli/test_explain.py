"""`explain`: exit codes 0 (the page can read), 1 (it cannot) and 2 (usage); JSON is the only output."""

import io
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
        (
            ["--origin", "https://app.example", "--method", "PUT", "/r"],
            0,
            "Access-Control-Allow-Methods: PUT",
            "",
        ),
        (
            ["--origin", "https://evil.example", "/r"],
            1,
            "+  origins: [https://app.example, https://evil.example]",
            "",
        ),
        (
            ["--origin", "https://app.example", "--method", "DELETE", "/r"],
            1,
            "policy.yaml:6: methods: [GET, PUT]",
            "",
        ),
        (
            [
                "--origin",
                "https://app.example",
                "--method",
                "POST",
                "--header",
                "X-A: b",
                "--credentials",
                "/r",
            ],
            1,
            "policy.yaml:6",
            "",
        ),
        (["--origin", "https://app.example", "r"], 2, "", "neither a path"),
        (["--origin", "https://app.example", "--header", "A B", "/r"], 2, "", "is no header"),
    ],
)
def test_verdicts(
    policy: str, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, out: str, err: str
) -> None:
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
def test_json_alone(
    policy: str, capsys: pytest.CaptureFixture[str], text: str, where: str, code: int, key: str, value: object
) -> None:
    Path(policy).write_text(text)
    assert (
        main(["explain", "-c", policy, "--format", "json", "--origin", "https://evil.example", where]) == code
    )
    said = capsys.readouterr()
    assert said.err == ""
    assert json.loads(said.out)[key] == value


def test_a_broken_policy(policy: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(policy).write_text(POLICY.replace("app.example]", "app.example/]"))
    assert main(["explain", "-c", policy, "--origin", "https://app.example", "/r"]) == 1
    assert "E301" in capsys.readouterr().err


def test_without_a_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CORS_PROXY_POLICY", raising=False)
    assert main(["explain", "--origin", "https://app.example", "/r"]) == 2
    assert "no policy" in capsys.readouterr().err


def test_a_policy_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CORS_PROXY_POLICY", POLICY)
    assert main(["explain", "--origin", "https://evil.example", "/r"]) == 1
    assert "+  origins: [https://app.example, https://evil.example]" in capsys.readouterr().out


LINE = '{"http.request.method":"GET","url.path":"/r","http.request.header.origin":"https://%s.example","cors.reason":"%s"}'


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (
            ["--curl", "curl https://api.example/r -H 'Origin: https://app.example'"],
            0,
            "curl https://api.example/r",
        ),
        (["--curl", "curl https://api.example/r -H 'Origin: https://evil.example'"], 1, "smallest change"),
        (["--from-log", LINE % ("app", "origin-allowed")], 0, "unknown: the log holds no query"),
        (
            ["--from-log", LINE % ("app", "cross-site")],
            0,
            "the log says cross-site, this says origin-allowed",
        ),
        (["--from-log"], 1, "GET /r"),
        (["--from-log", "-"], 1, "explain: 1 line is not of the access log"),
        (["--har", "x.har"], 1, "GET https://api.example/r (status 0)"),
        (["--curl", "curl"], 2, "no URL"),
        (["--curl", "curl /r", "/r"], 2, "have their own URL"),
        (["--har", "none.har"], 2, "none.har"),
        ([], 2, "nothing to explain: give --origin"),
    ],
)
def test_from_elsewhere(
    policy: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(Path(policy).parent)
    lines = [LINE % ("app", "origin-allowed"), "", "listening", LINE % ("evil", "origin-not-allowed")]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
    headers = [{"name": "Origin", "value": "https://evil.example"}]
    entry = {
        "request": {"method": "GET", "url": "https://api.example/r", "headers": headers},
        "response": {"status": 0},
    }
    Path("x.har").write_text(json.dumps({"log": {"entries": [entry]}}))
    assert main(["explain", *arguments]) == code
    said = capsys.readouterr()
    assert words in said.out + said.err
    assert main(["explain", "--format", "json", *arguments]) in (code, 2)
    assert json.loads(capsys.readouterr().out)


def test_many_lines_are_told_once(
    policy: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {
        "http.request.method": "OPTIONS", "url.path": "/r", "server.address": "api.example", "url.scheme": "https",
        "http.request.header.origin": "https://app.example", "cors.kind": "preflight", "cors.reason": "method-not-allowed",
        "cors.asked.method": "DELETE", "cors.asked.headers": ["x-a", "x-b", "x-c"],
    }  # fmt: skip
    lines = [json.dumps(asked)] * 40 + [LINE % ("evil", "origin-not-allowed")] * 4
    for form in ("text", "json"):
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
        assert main(["explain", "-c", policy, "--format", form, "--from-log"]) == 1
        out = capsys.readouterr().out
        if form == "text":
            assert len(out.splitlines()) < 40
            assert "BLOCKED 40 times" in out and "BLOCKED 4 times" in out
            assert "44 requests, 2 different ones" in out
            assert out.count("+++") == 1
            assert "+  methods: [GET, PUT, DELETE]" in out
        else:
            found = json.loads(out)
            assert [each["count"] for each in found["entries"]] == [40, 4]
            assert "+  headers: [X-A, X-B, X-C]" in found["change"]["diff"]


def test_browsers_that_differ(policy: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(policy).write_text(POLICY.replace("hosts: [api.example]\n", ""))
    asked = ["explain", "-c", policy, "--origin", "https://api.example", "wss://api.example/r"]
    assert main(asked) == 1
    assert (
        "BLOCKED in Chromium (origin-looks-own), ALLOWED in Firefox (own-origin)" in capsys.readouterr().out
    )
    assert main([*asked, "--format", "json"]) == 1
    assert [each["verdict"] for each in json.loads(capsys.readouterr().out)["browsers"]] == [
        "blocked",
        "allowed",
    ]


@pytest.mark.parametrize(
    "command",
    ['fetch("https://api.example/r", {"method": "PUT"})', 'curl ^"https://api.example/r^" ^\n -X ^"PUT^"'],
)
def test_what_browsers_copy(policy: str, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main(["explain", "-c", policy, "--origin", "https://app.example", "--fetch", command]) == 0
    assert "Access-Control-Allow-Methods: PUT" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "out", "err"),
    [
        (["--via", "image"], 0, "Reaches the API: yes.", ""),
        (["--via", "form-post"], 1, "Reaches the API: no.", ""),
        (["--via", "all"], 0, "sandboxed-iframe", ""),
        (["--via", "all", "--format", "json"], 0, '"ways"', ""),
        (["--via", "image", "--format", "json"], 0, '"way": "image"', ""),
        (["--via", "fetch", "--method", "PUT"], 1, "the preflight fails", ""),
        (["--via", "pigeon"], 2, "", "'pigeon' is none of all, fetch"),
        (["--via", "image", "--method", "PUT"], 2, "", "only fetch, xhr, service-worker"),
        (["--via", "image", "--curl", "curl https://a.example"], 2, "", "--via needs"),
    ],
)
def test_ways(
    policy: str, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, out: str, err: str
) -> None:
    where = [] if "--curl" in arguments else ["/r"]
    assert main(["explain", "-c", policy, "--origin", "https://evil.example", *where, *arguments]) == code
    said = capsys.readouterr()
    assert out in said.out and err in said.err
