"""wrk with the bytes of a work's requests, and what it counted."""

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from bench.peers import CONF, program
from bench.process import BenchError
from bench.works import Work


class Counted(NamedTuple):
    """Times are in seconds. `statuses` are answers of 400 and above, `errors` those of sockets."""

    requests: int
    seconds: float
    errors: int
    statuses: int
    p50: float
    p99: float


def parse(text: str) -> Counted:
    """The line that conf/wrk.lua prints, in whatever wrk says around it."""
    line = re.search(r"^counted (.*)$", text, re.MULTILINE)
    if line is None:
        raise BenchError(f"wrk said nothing that can be read:\n{text[-2000:]}")
    pairs = (pair.split("=") for pair in line[1].split())
    found = {name: int(value) for name, value in pairs}
    errors = sum(found[name] for name in ("connect", "read", "write", "timeout"))
    return Counted(
        found["requests"],
        found["micros"] / 1e6,
        errors,
        found["status"],
        found["p50"] / 1e6,
        found["p99"] / 1e6,
    )


def packed(requests: tuple[bytes, ...]) -> bytes:
    """As conf/wrk.lua reads them: each behind a line with its length."""
    return b"".join(b"%d\n%b" % (len(request), request) for request in requests)


def run(work: Work, url: str, seconds: float, folder: Path, workers: int = 1) -> Counted:
    """One thread on the bench's own core, with the work's connections for each worker.

    wrk takes only whole seconds."""
    requests = folder / f"{work.name}.requests"
    if not requests.exists():
        requests.write_bytes(packed(work.requests))
    command = [
        program("wrk"),
        "-t",
        "1",
        "-c",
        str(work.connections * workers),
        "-d",
        f"{max(1, round(seconds))}s",
        "--timeout",
        "10s",
    ]
    words = ["-s", str(CONF / "wrk.lua"), url, "--", str(requests)]
    done = subprocess.run(
        [*command, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return parse(done.stdout)
