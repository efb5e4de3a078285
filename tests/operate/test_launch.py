"""Exit codes and streams of the whole are in tests/e2e; here is what needs no request."""

import socket
import subprocess
import sys

import pytest

SCRIPT = """
import sys
from cors_proxy.operate.launch import serve
from cors_proxy.policy.read import parse_policy
source = lambda: parse_policy(sys.argv[1], "policy.yaml", "")
sys.exit(serve(*source(), source))
"""


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("key", ["listen", "admin"])
def test_an_address_that_cannot_be_had(key: str, workers: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        addresses = {"listen": "127.0.0.1:0", "admin": "127.0.0.1:0"} | {
            key: f"127.0.0.1:{taken.getsockname()[1]}"
        }
        keys = "".join(f"{name}: {address}\n" for name, address in addresses.items())
        text = f"version: 1\nupstream: http://127.0.0.1:1\n{keys}server: {{workers: {workers}}}\n"
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, text], capture_output=True, text=True, timeout=30, check=False
        )
    assert (
        done.returncode == 3
        and "cannot-listen" in done.stderr
        and addresses[key] in done.stderr
        and not done.stdout
    )
