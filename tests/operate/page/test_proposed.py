"""The page proposes what `cors-proxy learn -c` prints."""

from pathlib import Path

import pytest

from cors_proxy.cli.main import main
from cors_proxy.learn.formats import read_line
from cors_proxy.learn.memory import Memory
from cors_proxy.operate.page.explainer import policy_text
from cors_proxy.operate.page.proposed import proposed_for
from cors_proxy.policy.read import read_policy
from tests.cli.test_learn import LOG, line

TEXT = "version: 1\nupstream: http://127.0.0.1:3000\nmode: report\n"
HOSTILE = line("https://x.example", "", "/<script>\x1b[31m\n- x")


def test_the_same_as_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(TEXT)
    Path("a.log").write_text(LOG + HOSTILE)
    assert main(["learn", "a.log", "-c", "policy.yaml"]) == 0
    printed = capsys.readouterr().out
    memory = Memory()
    for each in (LOG + HOSTILE).splitlines():
        seen = read_line(each)
        assert seen is not None
        memory.add(seen)
    policy = read_policy("policy.yaml")[0]
    found = proposed_for(policy, policy_text(policy), memory.evidence(), memory.notes())
    assert found["text"] == printed and "+        - https://app.example.com" in printed
    assert found["report"] and found["requests"] == 3 and found["overflow"] == []
    assert found["text"].isascii() and "\x1b" not in found["text"]


def test_without_a_text_it_is_a_new_policy(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(TEXT)
    policy = read_policy(str(tmp_path / "policy.yaml"))[0]
    found = proposed_for(policy, None, Memory().evidence(), ["It is full."])
    assert "version: 1" in found["text"] and "It is full." in found["text"]
    assert "http://127.0.0.1:3000" in found["text"]
