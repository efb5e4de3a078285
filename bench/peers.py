"""The programs and their versions; `bench/install` installs them."""

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from bench.process import BenchError

ROOT = Path(__file__).parent.parent
CONF = Path(__file__).parent / "conf"
PLACE = "BENCH_PEERS"  # the variable that names the folder of the peers


def home() -> Path:
    """Where `bench/install` has put the peers."""
    return Path(os.environ.get(PLACE, ROOT / ".bench")).absolute()


@cache
def program(name: str) -> str:
    """The path of a program: cors-proxy is beside this Python, envoy and caddy in .bench/, others
    in PATH."""
    places = [
        Path(sys.executable).parent,
        home() / "venv" / "bin",
        *home().glob("venv/lib/python*/site-packages/envoy/_bin"),
    ]
    found = shutil.which(
        name, path=os.pathsep.join(map(str, [*places, os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))
    )
    # The package has an `envoy` in bin/ too: a script that starts the real one.
    if name == "envoy":
        found = next((str(path) for place in places[2:] if (path := place / "envoy").exists()), None)
    if found is None:
        raise BenchError(f"{name} is not installed: `make bench` installs it")
    return found


def versions(programs: set[str], against: Path | None = None) -> list[tuple[str, str]]:
    """Name and version of each program. `against` is the checkout of another build."""
    asked = {
        "cors-proxy": ["cors-proxy", "--version"],
        "Envoy": ["envoy", "--version"],
        "nginx": ["nginx", "-v"],
        "HAProxy": ["haproxy", "-v"],
        "Caddy": ["caddy", "version"],
        "node": ["node", "--version"],
        "wrk": ["wrk", "-v"],
    }
    found = [
        (name, _version([program(words[0]), *words[1:]]))
        for name, words in asked.items()
        if words[0] in programs
    ]
    for package in ("http-proxy-middleware", "cors") if "node" in programs else ():
        text = (home() / "node" / "node_modules" / package / "package.json").read_text()
        found.append((package, _first(text[text.index('"version"') :])))
    other = (
        []
        if against is None
        else [("the other commit", _commit(against)), ("the other build", _build(against))]
    )
    return [
        ("commit", _commit(ROOT)),
        *other,
        ("build", _build(ROOT)),
        *found,
        ("Python", sys.version.split()[0]),
        ("processor", _processor()),
        ("kernel", f"Linux {os.uname().release}"),
    ]


def _commit(checkout: Path) -> str:
    return (
        _said(["git", "-C", str(checkout), "describe", "--always", "--dirty"]).strip()
        if (checkout / ".git").exists()
        else "?"
    )


def _build(checkout: Path) -> str:
    """Only a compiled build shows what the proxy costs."""
    compiled = any((checkout / "cors_proxy" / "cors").glob("decide.*.so"))
    return "compiled" if compiled else "**not compiled** (CORS_PROXY_PURE, or no C compiler)"


def _version(command: list[str]) -> str:
    return _first(_said(command).replace(command[0], ""))


def _said(command: list[str]) -> str:
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    ).stdout


def _first(text: str) -> str:
    found = re.search(r"\d+\.\d+\.\d+", text)
    return found[0] if found else "?"


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{found[1] if found else os.uname().machine}, {os.cpu_count()} cores"
