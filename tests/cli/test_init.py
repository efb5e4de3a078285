"""`init`: what it asks, what it writes, and what it never overwrites."""

import io
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from cors_proxy.cli.init import COMPOSE, COMPOSE_BESIDE
from cors_proxy.cli.main import main
from cors_proxy.policy.read import read_policy

from ..processes import api_server, process

API = ["--upstream", "http://api:3000", "--allow-origin", "https://app.example.com"]
OWN = ["--self-origin", "https://api.example.com"]


def init(folder: Path, *words: str, stdin: str = "") -> tuple[int, str]:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, chdir(folder), redirect_stdout(out), redirect_stderr(out):
        patch.setattr("sys.stdin", io.StringIO(stdin))
        code = main(["init", *words])
    return code, out.getvalue()


def test_options_are_the_answers(tmp_path: Path) -> None:
    code, out = init(tmp_path, *API, "--allow-origin", "https://*.b.example", *OWN, "--credentials")
    assert code == 0 and "]: " not in out, out
    policy, warnings = read_policy(str(tmp_path / "policy.yaml"), {})
    assert warnings == [] and policy.spec.default.cors is not None
    assert str(policy.forwarding[-1].upstream) == "http://api:3000"
    cors = policy.spec.default.cors
    assert [str(rule.pattern) for rule in cors.origins] == ["https://app.example.com", "https://*.b.example"]
    assert cors.credentials and policy.spec.hosts == ("api.example.com",)
    assert policy.spec.self_origins is not None and str(policy.listen) == "127.0.0.1:8080"


def test_the_four_questions(tmp_path: Path) -> None:
    answers = "http://localhost:4000\nhttps://a.example, https://b.example\nyes\nhttp://localhost:9000\n"
    code, out = init(tmp_path, stdin=answers)
    assert code == 0 and out.count("]: ") == 4
    policy, warnings = read_policy(str(tmp_path / "policy.yaml"), {})
    assert warnings == [] and policy.spec.default.cors is not None
    assert [str(rule.pattern) for rule in policy.spec.default.cors.origins] == [
        "https://a.example",
        "https://b.example",
    ]
    assert policy.spec.default.cors.credentials and policy.spec.hosts == ("localhost:9000",)
    assert (policy.listen.port, str(policy.forwarding[-1].upstream)) == (9000, "http://localhost:4000")


def test_empty_answers_are_the_suggestions(tmp_path: Path) -> None:
    assert init(tmp_path, stdin="\n\n\n\n")[0] == 0
    policy, warnings = read_policy(str(tmp_path / "policy.yaml"), {})
    assert warnings == [] and policy.spec.default.cors is not None
    assert not policy.spec.default.cors.credentials and policy.spec.hosts == ("localhost:8080",)


@pytest.mark.parametrize(
    ("words", "option"), [([], "--upstream"), (["--upstream", "http://api:3000"], "--allow-origin")]
)
def test_an_answer_that_is_missing(words: list[str], option: str, tmp_path: Path) -> None:
    code, out = init(tmp_path, *words)
    assert code == 2 and f"name it with {option}" in out and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--upstream", "localhost:3000", *API[2:]], "write http://localhost:3000"),
        ([*API[:2], "--allow-origin", "https://app.example.com/"], "E301"),
        ([*API[:2], "--allow-origin", "*", "--credentials"], "E401"),
        ([*API, "--self-origin", "api.example.com"], "E301"),
        (["--upstream", "http://${X}", *API[2:]], "E204"),
    ],
)
def test_a_wrong_answer_writes_nothing(words: list[str], said: str, tmp_path: Path) -> None:
    code, out = init(tmp_path, *words)
    assert code == 1 and said in out and "nothing was written" in out and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["policy.yaml", COMPOSE])
def test_it_overwrites_by_force_only(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    code, out = init(tmp_path, *API, *OWN)
    assert code == 1 and name in out and "--force" in out
    assert [path.name for path in tmp_path.iterdir()] == [name] and (tmp_path / name).read_text() == "mine"
    assert init(tmp_path, *API, *OWN, "--force")[0] == 0
    assert "mine" not in (tmp_path / name).read_text()


@pytest.mark.parametrize(
    "upstream", ["http://api:3000", "http://localhost:3000", "https://10.0.0.1", "unix:/a.sock"]
)
@pytest.mark.parametrize("beside", [False, True])
def test_the_compose_file_fits_the_specification(upstream: str, beside: bool, tmp_path: Path) -> None:
    if beside:  # Compose would read ours and not the user's, if ours had the first name
        (tmp_path / "docker-compose.yml").write_text("services: {}\n")
    assert init(tmp_path, "--upstream", upstream, *API[2:], *OWN)[0] == 0
    path = tmp_path / (COMPOSE_BESIDE if beside else COMPOSE)
    tool = Path(sys.executable).parent / "check-jsonschema"
    done = subprocess.run(
        [tool, "--builtin-schema", "vendor.compose-spec", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    text = path.read_text()
    assert ("  api:\n" in text) is (upstream == "http://api:3000" and not beside)
    assert ("host.docker.internal:3000" in text) is (upstream == "http://localhost:3000")


def test_what_it_writes_runs(tmp_path: Path) -> None:
    with api_server() as port:
        assert init(tmp_path, "--upstream", f"http://127.0.0.1:{port}", *API[2:], *OWN)[0] == 0
        policy = tmp_path / "policy.yaml"
        policy.write_text(policy.read_text() + "admin: off\n")  # its port may be taken here
        command = ["env", "LISTEN=127.0.0.1:0", sys.executable, "-m", "cors_proxy", "run", "-c", str(policy)]
        with process(command, '"listening"', tmp_path / "log"):
            pass
        assert "problems" not in (tmp_path / "log").read_text()
