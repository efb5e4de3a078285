"""What a release contains, installs and runs; and the workflows that make it."""

import http.client
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from cors_proxy import __version__

from .processes import SERVING, api_server, process

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yaml"))
SITE = sysconfig.get_path("purelib")
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.splitlines()
PACKAGE = {name for name in TRACKED if name.startswith("cors_proxy/") and (ROOT / name).exists()}
APP = "https://app.example.com"


def run(*command: object, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(each) for each in command],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass
class Installed:
    """The wheel in an environment without any source beside it."""

    wheel: Path
    sdist: Path
    bin: Path
    folder: Path  # to work in


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """The tree becomes an sdist, the sdist a wheel, and the wheel an installation.

    The dependencies come from the environment of the tests, by a `.pth` file: nothing is downloaded."""
    folder = tmp_path_factory.mktemp("packaging")
    tree, dist, work = (folder / name for name in ("tree", "dist", "work"))
    for name in TRACKED:
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    work.mkdir()
    # PEP 517, without a tool of its own.
    build = f"from setuptools import build_meta; build_meta.build_sdist({str(dist)!r})"
    run(sys.executable, "-c", build, cwd=tree, CORS_PROXY_PURE="1")
    (sdist,) = dist.glob("*.tar.gz")
    offline = ["--no-index", "--no-deps", "--disable-pip-version-check", "--quiet"]
    pip = [sys.executable, "-m", "pip"]
    run(*pip, "wheel", *offline, "--no-build-isolation", "-w", dist, sdist, cwd=work, CORS_PROXY_PURE="1")
    (wheel,) = dist.glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=work)
    python = folder / "venv/bin/python"
    run(*pip, "--python", python, "install", *offline, wheel, cwd=work)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=work).strip()
    Path(site, "dependencies.pth").write_text(SITE + "\n")
    yield Installed(wheel, sdist, folder / "venv/bin", work)


def test_the_wheel_has_every_file_of_the_package(installed: Installed) -> None:
    assert installed.wheel.name == f"cors_proxy-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
        metadata = wheel.read(f"cors_proxy-{__version__}.dist-info/METADATA").decode()
    assert names == PACKAGE
    uvloop = [line for line in metadata.splitlines() if line.startswith("Requires-Dist: uvloop")]
    assert len(uvloop) == 1 and "win32" in uvloop[0] and "CPython" in uvloop[0]


def test_the_sdist_has_what_a_build_reads(installed: Installed) -> None:
    with tarfile.open(installed.sdist) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert names >= PACKAGE | {"setup.py", "pyproject.toml", "README.md", "LICENSE"}


def test_the_command_of_the_wheel(installed: Installed) -> None:
    command = installed.bin / "cors-proxy"
    where = "import cors_proxy; print(cors_proxy.__file__)"
    # Not the working tree, which the environment of the tests has installed as editable.
    assert run(installed.bin / "python", "-c", where, cwd=installed.folder).startswith(
        str(installed.bin.parent)
    )
    assert run(command, "--version", cwd=installed.folder) == f"cors-proxy {__version__} (not compiled)\n"
    schema = run(command, "schema", cwd=installed.folder)
    assert schema == (ROOT / "config/policy.schema.json").read_text()


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
@pytest.mark.parametrize("workers", [1, 2])
def test_the_wheel_serves(installed: Installed, tmp_path: Path, loop: str, workers: int) -> None:
    if loop == "asyncio":  # as if uvloop were not installed
        (tmp_path / "uvloop.py").write_text("raise ImportError\n")
    with api_server() as port:
        policy = tmp_path / "policy.yaml"
        policy.write_text(
            f"version: 1\nlisten: 127.0.0.1:0\nadmin: 127.0.0.1:0\nupstream: http://127.0.0.1:{port}\n"
            f"cors: {{origins: [{APP}]}}\nserver: {{workers: {workers}}}\n"
        )
        command = [
            "env",
            f"PYTHONPATH={tmp_path}",
            str(installed.bin / "cors-proxy"),
            "run",
            "-c",
            str(policy),
        ]
        with process(command, SERVING, tmp_path / "log") as found:
            answers = {}
            for origin in (APP, "https://evil.example"):
                with closing(http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=10)) as client:
                    client.request("GET", "/", headers={"Origin": origin})
                    answer = client.getresponse()
                    answers[answer.status] = answer.getheader("Access-Control-Allow-Origin")
            with closing(http.client.HTTPConnection(found[2].removeprefix("http://"), timeout=10)) as client:
                client.request("GET", "/")
                page = client.getresponse().read()
    assert answers == {200: APP, 403: None} and b"<html" in page
    assert '"stopped"' in (tmp_path / "log").read_text() and "Traceback" not in (tmp_path / "log").read_text()


def test_on_windows_one_line_says_that_it_does_not_run() -> None:
    script = "import sys; sys.platform = 'win32'; import cors_proxy.__main__"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "cors-proxy does not run on Windows: use its container image, or WSL\n"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda each: each.name)
def test_workflows_are_valid_and_pinned(workflow: Path) -> None:
    tools = Path(sys.executable).parent
    run(tools / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow, cwd=ROOT)
    run(tools / "zizmor", "--offline", "--quiet", workflow, cwd=ROOT)
    for used, comment in re.findall(r"uses: (\S+)(.*)", workflow.read_text()):
        assert used.startswith("./") or re.search(r"@[0-9a-f]{40}$", used), used
        assert used.startswith("./") or re.match(r" # v\d+\.\d+\.\d+$", comment), used


def test_workflows_run_what_exists() -> None:
    text = "".join(workflow.read_text() for workflow in WORKFLOWS)
    for name in re.findall(r"(?:^|[ ./])(\.(?:ci|github)/[\w./-]+)", text):
        assert (ROOT / name).is_file(), name
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    built = re.findall(r"cp3(\d+)-", project["tool"]["cibuildwheel"]["build"])
    tested = set(re.findall(r'"(3\.\d+)"', (ROOT / ".github/workflows/test.yaml").read_text()))
    assert {f"3.{minor}" for minor in built} == tested == {"3.11", "3.12", "3.13", "3.14"}


def test_release_notes_are_those_of_the_changelog(tmp_path: Path) -> None:
    script = ROOT / ".ci/release-notes"
    (tmp_path / "cors_proxy").mkdir()
    (tmp_path / "cors_proxy/__init__.py").write_text('__version__ = "1.2.3"\n')
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text(
        "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2027-01-31\n\n### Added\n- This.\n\n## [1.2.2] - 2026-12-01\n- That.\n"
    )
    assert run(sys.executable, script, "1.2.3", cwd=tmp_path) == "### Added\n- This.\n"
    for version in ("1.2.2", "1.2.30"):  # not the package's
        with pytest.raises(AssertionError, match=f"is not version {re.escape(version)}"):
            run(sys.executable, script, version, cwd=tmp_path)
    changelog.write_text("# Changelog\n\n## [Unreleased]\n- This.\n")
    with pytest.raises(AssertionError, match="has no section"):
        run(sys.executable, script, "1.2.3", cwd=tmp_path)
