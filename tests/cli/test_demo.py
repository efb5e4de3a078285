"""The demo as a process: the commands that it prints work.  tests/browser has its pages."""

import json
import re
import shlex
import signal
import socket
import subprocess
import urllib.request

import pytest

from cors_proxy.cli.main import main
from tests.demo import started


def test_its_own_lines() -> None:
    with started() as (text, end):
        lines = [line.strip().removeprefix("Try").strip() for line in text.splitlines() if "curl " in line]
        answers = [
            subprocess.run(
                shlex.split(line.partition("   (")[0]), capture_output=True, text=True, check=True
            ).stdout
            for line in lines
        ]
        assert [answer.split()[1] for answer in answers[:3]] == ["200", "403", "204"]
        assert json.loads(answers[3]) == {"requests": 1}
        for url in re.findall(r"^(?:Open|Policy|Admin|Play)\s+(\S+)", text, re.MULTILINE):
            with urllib.request.urlopen(url, timeout=10) as got:
                assert got.status == 200
        log = end(signal.SIGTERM)
        assert (
            "403 GET /items origin=https://evil.example client=127.0.0.1 refuse: origin-not-allowed [demo.yaml:7]"
            in log
        )
        assert "204 OPTIONS /items/2" in log


def test_a_taken_port(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["demo", "--port", str(taken.getsockname()[1])]) == 3
    assert "try --port 0" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["65534", "-1", "x"])
def test_invalid_ports(port: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(["demo", "--port", port])
    assert left.value.code == 2
