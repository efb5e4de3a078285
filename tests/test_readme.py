"""Every command and every policy in the README does what it says there."""

import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cors_proxy.policy.read import parse_policy
from tests.demo import started
from tests.ports import unused_port
from tests.transcripts import PROGRAM, ROOT, Document, matches, run

README = Document("README.md")
COMMANDS = README.commands()


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, str]]:
    """The demo on free ports: the README calls them 8080 and 8081."""
    with started() as (text, end):
        found = re.search(r"Open\s+http://localhost:(\d+)/\s.* calls http://localhost:(\d+)", text)
        assert found
        yield {"8081": found[1], "8080": found[2]}
        log = end(signal.SIGINT)
        # The log line that the README shows.
        assert re.search(
            r"Z 403 GET /items origin=https://evil\.example client=127\.0\.0\.1 refuse: origin-not-allowed"
            r" \[demo\.yaml:7\] \d+\.\dms",
            log,
        )


def test_transcripts_against_the_demo(ports: dict[str, str]) -> None:
    tried = [(command, output) for command, output in COMMANDS if command.startswith("curl ")]
    assert len(tried) == 4
    for command, output in tried:
        for shown, real in ports.items():
            command, output = (
                text.replace(f"localhost:{shown}", f"localhost:{real}") for text in (command, output)
            )
        found = run(command)
        assert matches(output, found), f"{command}\n{found}"


@pytest.mark.parametrize("command", [command for command, _ in COMMANDS if command.startswith("make ")])
def test_make_knows_the_target(command: str) -> None:
    run(f"{command} --dry-run")


def test_commands_that_end() -> None:
    for command, output in COMMANDS:
        if re.search(r"cors-proxy (--version|check|explain)", command):
            # what it adds where there is no compiler
            found = run(command).replace(" (not compiled)", "")
            assert not output or matches(output, found), found


@pytest.mark.parametrize("command", [command for command, _ in COMMANDS if "cors-proxy run" in command])
def test_it_runs(command: str, tmp_path: Path) -> None:
    listen, admin = (f"127.0.0.1:{unused_port()}" for _ in range(2))
    if "-c " in command:
        policy = tmp_path / "policy.yaml"
        policy.write_text(
            f"{(ROOT / command.rpartition(' ')[2]).read_text()}listen: {listen}\nadmin: {admin}\n"
        )
        command = f"{command.rpartition(' ')[0]} {policy}"
    else:
        command += f" --listen {listen} --admin {admin}"
    words = shlex.split(command.replace(".venv/bin/cors-proxy", PROGRAM))
    with subprocess.Popen(
        words, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        assert f"listening on http://{listen}" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
        assert process.wait(20) == 0


def test_every_command_is_tried() -> None:
    assert all(
        re.match(r"curl |make |\.venv/bin/cors-proxy (run|check|explain|--version)", command)
        for command, _ in COMMANDS
    )


@pytest.mark.parametrize("text", README.blocks("yaml"))
def test_policies(text: str) -> None:
    assert parse_policy(text, "README.md", "")[1] == []


def test_links_lead_somewhere() -> None:
    assert not README.dead_links()
