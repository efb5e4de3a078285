"""`python -m bench.instructions [--work varied-get] [--log json] [--requests 1000] [--tree DIR]
[--output FILE]`: the user instructions of one request, counted by callgrind.

The count hardly depends on what else the machine does. It leaves out the kernel."""

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import policy, upstream
from bench.check import ask
from bench.peers import CONF, ROOT
from bench.process import BenchError, connect, cores, free_ports, running
from bench.works import WORKS, Work

WARM = 513  # requests, so that caches are full
PATIENCE = 120.0  # seconds until the port is open: under valgrind all is 50 times as slow


def total(profile: str) -> int:
    """The instructions in callgrind's file."""
    return int(re.findall(r"^(?:summary|totals): (\d+)", profile, re.MULTILINE)[-1])


def count(tree: Path, work: Work, log: str, requests: int, output: Path) -> float:
    """Instructions for each of so many requests; the profile goes to `output`."""
    core, other = cores()
    with tempfile.TemporaryDirectory(prefix="bench-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        api = stack.enter_context(upstream.start(other, folder))
        port, admin = free_ports(2)
        values = {"port": port, "admin": admin, "upstream": api, "workers": 1, "log": log, "tls": ""}
        config = folder / "policy.yaml"
        config.write_text(policy.policy((CONF / "policy.yaml").read_text(), policy.ONE, **values))
        tool = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={output}", "--instr-atstart=no"]
        command = [*tool, str(tree / ".venv/bin/python"), "-P", "-m", "cors_proxy", "run", "-c", str(config)]
        # The checkout's own package: not that of this folder (-P), nor another that its .venv names.
        environ = {"PYTHONPATH": str(tree), "PYTHONHASHSEED": "0"}
        with running(command, (core,), port, folder / "ours", environ, PATIENCE) as (pid, _):
            clients = [stack.enter_context(connect(port)) for _ in range(work.connections)]

            def send(first: int, number: int) -> None:
                for turn in range(first, first + number):
                    status = ask(clients[turn % len(clients)], work.requests[turn % len(work.requests)])[0]
                    if status != work.status:
                        raise BenchError(f"{work.title}: {status} instead of {work.status}")

            send(0, WARM)
            time.sleep(2)  # what the start left to do is not a request's
            _instrument(pid, "on")
            send(WARM, requests)
            _instrument(pid, "off")
            os.kill(pid, signal.SIGTERM)
            for each in clients:
                each.close()
            while not (output.exists() and "\ntotals:" in output.read_text()):
                time.sleep(0.1)
    return total(output.read_text()) / requests


def _instrument(pid: int, state: str) -> None:
    subprocess.run(["callgrind_control", "-i", state, str(pid)], check=True, capture_output=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.instructions")
    names = [name for name, work in WORKS.items() if not (work.frames or work.closes or work.idle)]
    parser.add_argument("--work", choices=names, default="varied-get")
    parser.add_argument("--log", choices=("off", "json"), default="off")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--tree", type=Path, default=ROOT, help="another checkout with its .venv")
    parser.add_argument("--output", type=Path, default=Path("callgrind.out"), help="the profile")
    options = parser.parse_args()
    work = WORKS[options.work]
    try:
        tree, output = options.tree.resolve(), options.output.resolve()
        output.unlink(missing_ok=True)
        found = count(tree, work, options.log, options.requests, output)
    except BenchError as why:
        print(f"bench: {why}", file=sys.stderr)
        return 1
    print(f"{work.title}, access log {options.log}: {found:,.0f} instructions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
