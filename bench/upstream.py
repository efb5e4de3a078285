"""The API behind every subject, on the client's core: nginx, which counts its connections, and an
echo of WebSocket frames."""

import contextlib
import os
import re
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench import policy
from bench.peers import CONF, ROOT, program
from bench.process import free_ports, running
from bench.works import LARGE, SMALL


class Seen(NamedTuple):
    """Since it started: connections accepted, and requests read from them."""

    connections: int
    requests: int


def user() -> str:
    """Where nginx is root it would become somebody who may not read the bench's folder."""
    return "user root;" if os.geteuid() == 0 else ""


@contextlib.contextmanager
def start(core: int, folder: Path) -> Iterator[int]:
    """Its port."""
    port, echo = free_ports(2)
    (folder / "large").write_bytes(b"x" * LARGE)
    text = '{"items": ["' + "x" * (SMALL - 15) + '"]}'
    config = folder / "upstream.conf"
    config.write_text(
        policy.fill(
            (CONF / "upstream.conf").read_text(), port=port, echo=echo, folder=folder, small=text, user=user()
        )
    )
    command = [program("nginx"), "-e", "stderr", "-p", str(folder), "-c", str(config)]
    echoing = [sys.executable, "-m", "bench.echo", str(echo)]
    with (
        running(command, (core,), port, folder / "upstream", {}),
        running(echoing, (core,), echo, folder / "echo", {"PYTHONPATH": str(ROOT)}),
    ):
        yield port


def seen(port: int) -> Seen:
    """The numbers contain one connection and one request of this call, which the caller
    subtracts."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/status") as answer:
        found = re.search(r"^\s*(\d+)\s+\d+\s+(\d+)\s*$", answer.read().decode(), re.MULTILINE)
    assert found
    return Seen(int(found[1]), int(found[2]))
