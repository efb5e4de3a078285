"""Every command and every policy in the README does what it says there."""

import re
import shlex
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bench.readme import QUOTED
from cors_proxy.cors.decision import Answer, Refuse
from cors_proxy.cors.judge import judge
from cors_proxy.cors.request import read
from cors_proxy.policy.read import parse_policy
from tests.demo import started
from tests.names import IMAGE
from tests.ports import unused_port
from tests.transcripts import PROGRAM, ROOT, Document, matches, run

README = Document("README.md")
COMMANDS = README.commands()
COMPOSE, *OTHER_YAML = README.blocks("yaml")
DOCKER = [
    shlex.split(command.replace("\\\n", "")) for command, _ in COMMANDS if command.startswith("docker ")
]
PATIENCE = 20


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, str]]:
    """The demo on free ports: the README calls them 8080 and 8081."""
    with started() as (text, end):
        found = re.search(r"Open\s+http://localhost:(\d+)/\s.* calls http://localhost:(\d+)", text)
        assert found
        yield {"8081": found[1], "8080": found[2]}
        end(signal.SIGINT)


def test_transcripts_against_the_demo(ports: dict[str, str]) -> None:
    tried = [(command, output) for command, output in COMMANDS if command.startswith("curl ")]
    assert len(tried) == 2
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


def serves(words: list[str], listen: str) -> None:
    with subprocess.Popen(
        words, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        assert f"listening on http://{listen}" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
        assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize("command", [command for command, _ in COMMANDS if "bin/cors-proxy run" in command])
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
    serves(shlex.split(command.replace(".venv/bin/cors-proxy", PROGRAM)), listen)


def test_docker_builds_the_image_that_it_runs() -> None:
    build, start = DOCKER
    assert build == ["docker", "build", "-t", IMAGE, "."]
    assert IMAGE in start and start[3:5] == ["--pull", "never"]


def test_the_arguments_of_the_container() -> None:
    """The program gets what follows the image's name, as the image's ENTRYPOINT says."""
    words = DOCKER[1]
    options, arguments = words[: words.index(IMAGE)], words[words.index(IMAGE) + 1 :]
    assert 'ENTRYPOINT ["cors-proxy"]' in (ROOT / "Dockerfile").read_text()
    published, _, inside = options[options.index("-p") + 1].rpartition(":")
    place = arguments.index("--listen") + 1
    assert arguments[place] == f"0.0.0.0:{inside}" and published == f"127.0.0.1:{inside}"
    host = options[options.index("--add-host") + 1].partition(":")[0]
    assert f"//{host}:" in arguments[arguments.index("--upstream") + 1]
    listen, admin = (f"127.0.0.1:{unused_port()}" for _ in range(2))
    arguments[place] = listen
    serves([sys.executable, "-m", "cors_proxy", *arguments, "--admin", admin], listen)


def test_the_compose_snippet(tmp_path: Path) -> None:
    """It fits the specification, and its policy lets the app's pages through alone."""
    file = tmp_path / "compose.yaml"
    file.write_text(COMPOSE)
    tool = Path(sys.executable).parent / "check-jsonschema"
    done = subprocess.run(
        [tool, "--builtin-schema", "vendor.compose-spec", file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    services = yaml.safe_load(COMPOSE)["services"]
    proxy, api = services["cors-proxy"], services["api"]
    assert proxy["image"] == IMAGE and "ports" not in api
    assert proxy["depends_on"] == ["api"] and proxy["healthcheck"]["test"][1:] == [
        "cors-proxy",
        "healthcheck",
    ]
    policy, warnings = parse_policy(proxy["environment"]["CORS_PROXY_POLICY"], "compose.yaml", "")
    assert warnings == [] and str(policy.forwarding[-1].upstream) == f"http://api:{api['expose'][0]}"
    assert proxy["ports"] == [f"127.0.0.1:{policy.listen.port}:{policy.listen.port}"]
    for origin, kind in ((b"http://localhost:5173", Answer), (b"https://evil.example", Refuse)):
        head = [(b"Host", b"localhost:8080"), (b"Origin", origin), (b"Access-Control-Request-Method", b"PUT")]
        assert isinstance(judge(policy.site, read(b"OPTIONS", b"/items", head)).decision, kind)


def test_the_name_that_pip_will_know() -> None:
    (name,) = re.findall(r"`pip install ([\w-]+)`", README.text)
    assert name == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"]


def test_the_cost_is_what_was_measured() -> None:
    measured = (ROOT / "bench/README.md").read_text()
    for name, place in QUOTED.items():
        (quoted,) = place.finditer(README.text)
        said = quoted[0].removeprefix(quoted[1])
        row = rf"^\| {name.replace('-', ' ').replace('get', 'GET')}, access log on, .*\| (\d\.\d+) "
        (found,) = re.findall(row, measured, re.MULTILINE)
        assert abs(float(said) - float(found)) <= 0.051


def test_every_command_is_tried() -> None:
    known = (
        r"curl |make |docker (build|run) |\.venv/bin/cors-proxy (run|check|explain|--version)"
        r"|cors-proxy learn access\.log$"  # tests/test_learning_guide.py
        # tests/test_packaging.py makes a wheel of the tree and installs it.
        r"|python3 -m venv \.venv && \.venv/bin/pip install \.$"
    )
    assert [command for command, _ in COMMANDS if not re.match(known, command)] == []
    assert OTHER_YAML == []


def test_the_picture_has_both_colours() -> None:
    files = re.findall(r'(?:src|srcset)="([^"]+)"', README.text)
    assert [re.sub(r"-(dark|light)\.png$", "", file) for file in files] == ["docs/images/why"] * 2
    assert all((ROOT / file).is_file() for file in files)


def test_it_is_short() -> None:
    assert len(README.text.splitlines()) <= 150


def test_links_lead_somewhere() -> None:
    assert not README.dead_links()
