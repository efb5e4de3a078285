"""`python -m tests.engines.stand_in ENGINE run -c POLICY` serves a policy as `cors-proxy run` does, with
an engine in front that asks: so any test of the command can be run through that engine.  All other
commands are those of `cors-proxy`."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from cors_proxy.engines.losses import DIALECTS
from cors_proxy.policy.problems import PolicyProblems
from cors_proxy.policy.read import read_policy

from . import caddy, envoy, haproxy, nginx, traefik
from .running import free_port, reachable

SETUPS = {
    "nginx": nginx.setup,
    "haproxy": haproxy.setup,
    **envoy.SETUPS,
    "caddy": caddy.setup,
    "traefik": traefik.setup,
}


def main() -> int:
    name, *words = sys.argv[1:]
    proxy = [sys.executable, "-m", "cors_proxy"]
    if words[0] != "run":
        os.execv(sys.executable, [*proxy, *words])
    path = Path(words[words.index("-c") + 1])
    text = re.sub(r"(?m)^listen:.*\n", "", path.read_text("utf-8")).rstrip() + "\n"
    listen = re.search(r"(?m)^listen: *(\S+)", path.read_text("utf-8"))
    assert listen is not None
    decide = f"decide: {{listen: 127.0.0.1:{free_port()}, dialect: {DIALECTS[name]}}}\n"
    asked = path.with_name("asked.yaml")  # beside it, as it may name files
    asked.write_text(f"{text}listen: 127.0.0.1:0\n{decide}", "utf-8")
    running = [subprocess.Popen([*proxy, "run", "-c", str(asked)])]
    try:
        policy, _ = read_policy(str(asked))
    except PolicyProblems:
        return running[0].wait()
    assert policy.decide is not None
    while not asyncio.run(reachable(policy.decide.listen.port)):
        time.sleep(0.05)
    with tempfile.TemporaryDirectory() as folder:
        command = SETUPS[name](policy, listen[1], Path(folder))
        running.append(subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL))
        stopped = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        while running[0].poll() is None and running[1].poll() is None and not stopped.wait(0.05):
            pass
        running[0].kill()  # nothing is left to drain
        running[1].terminate()
        for each in running:
            each.wait()
    return 0


raise SystemExit(main())
