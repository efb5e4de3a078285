"""`glue` prints or writes an engine's files; `check --for` lists what it cannot carry."""

import json
from pathlib import Path

import pytest

from cors_proxy.cli.main import main

DECIDER = "version: 1\ndecide: {listen: 127.0.0.1:9902, dialect: forwarded, headers: x-original}\n"
LOSSY = f"{DECIDER}cors: {{origins: [https://a.example], credentials: true, expose: '*'}}\n"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(DECIDER)
    return path


def test_it_prints_one_file_or_all(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api = ["-c", str(policy), "--upstream", "http://api:3000", "--listen", "127.0.0.1:81"]
    assert main(["glue", "--for", "nginx", *api]) == 0
    out = capsys.readouterr().out
    assert "server 127.0.0.1:9902;" in out
    assert out.startswith("# Written by") and "listen 127.0.0.1:81;" in out and "server api:3000;" in out
    assert main(["glue", "--for", "nginx", "--decider", "decider:1", *api]) == 0
    assert "server decider:1;" in capsys.readouterr().out
    assert main(["glue", "--for", "haproxy", *api]) == 0
    out = capsys.readouterr().out
    assert "######## cors-proxy.cfg\n" in out and "######## cors-proxy.lua\n" in out


def test_several_deciders(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["-c", str(policy), "--upstream", "http://a", "--decider", "a.infra:1", "--decider", "b.infra:2"]
    assert main(["glue", "--for", "nginx", *words]) == 0
    out = capsys.readouterr().out
    assert "server a.infra:1 " in out and "server b.infra:2 " in out and "9902" not in out
    assert main(["glue", "--for", "istio", *words]) == 2
    assert "name it with one --decider NAME.NAMESPACE:PORT" in capsys.readouterr().err


def test_for_traefik(policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["glue", "--for", "traefik", "-c", str(policy), "--upstream"]
    assert main([*words, "http://api:3000", "--write", str(tmp_path)]) == 0
    plugin = tmp_path / "plugins-local" / "src" / "corsproxy"
    assert {path.name for path in plugin.iterdir()} == {"corsproxy.go", ".traefik.yml"}
    assert main([*words, "unix:/run/api.sock"]) == 2
    assert "cannot reach a Unix socket" in capsys.readouterr().err


def test_it_writes_them(policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy.write_text(f"{DECIDER}upstream: http://api:3000\n")
    assert main(["glue", "--for", "haproxy", "-c", str(policy), "--write", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"policy.yaml", "cors-proxy.cfg", "cors-proxy.lua"}
    assert not capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words", "code", "said"),
    [
        (DECIDER, [], 2, "--upstream URL"),
        (DECIDER, ["--upstream", "ftp://a"], 2, "expected an upstream such as"),
        (DECIDER, ["--decider", "9902"], 2, "expected an address such as"),
        ("version: 1\n", [], 1, "E202"),
        (DECIDER.replace("forwarded, headers: x-original", "mirror"), ["--upstream", "http://a"], 1, "LOST"),
        ("version: 1\nupstream: http://a\n", [], 1, "no listener answers what nginx asks"),
    ],
)
def test_what_it_does_not_write(
    text: str, words: list[str], code: int, said: str, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy.write_text(text)
    assert main(["glue", "--for", "nginx", "-c", str(policy), *words]) == code
    told = capsys.readouterr()
    assert said in told.err and not told.out


def test_check_lists_losses(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy.write_text(LOSSY)
    assert main(["check", "--for", "haproxy", str(policy)]) == 0
    assert "expose" not in capsys.readouterr().out
    assert main(["check", "--for", "nginx", str(policy)]) == 0
    out = capsys.readouterr().out
    assert f"\n{policy}:3:" in out and "  cors.expose, route (default): nginx cannot" in out
    assert main(["check", "--for", "nginx", "--format", "json", str(policy)]) == 0
    loss = json.loads(capsys.readouterr().out)["losses"][0]
    assert (loss["key"], loss["route"], loss["refusal"]) == ("cors.expose", "(default)", False)
    assert main(["check", "--for", "nginx", "--format", "github", str(policy)]) == 0
    assert "::warning file=" in capsys.readouterr().out


def test_a_lost_refusal_is_a_failure_unless_it_is_accepted(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy.write_text("version: 1\nupstream: http://a\n")
    assert main(["check", str(policy)]) == 0
    assert main(["check", "--for", "nginx", str(policy)]) == 1
    assert main(["check", "--for", "nginx", "--accept-loss", str(policy)]) == 0
    assert capsys.readouterr().out.count("REFUSAL LOST") == 2
