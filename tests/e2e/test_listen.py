"""`listen: localhost:PORT` on both families, and Unix sockets that have a mode and are removed."""

import re
import socket
import stat
import sys
from pathlib import Path

import pytest

from ..processes import process

REQUEST = b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def answer(family: socket.AddressFamily, address: tuple[str, int] | str) -> bytes:
    with socket.socket(family) as client:
        client.settimeout(20)
        client.connect(address)
        client.sendall(REQUEST)
        return client.recv(12)


def command(folder: Path, text: str) -> list[str]:
    policy = folder / "policy.yaml"
    policy.write_text(f"version: 1\nupstream: http://127.0.0.1:9\nself_origins: [https://a.example]\n{text}")
    return [sys.executable, "-m", "cors_proxy", "run", "-c", str(policy)]


@pytest.mark.parametrize("workers", [1, 2])
def test_localhost_is_both_families(workers: int, tmp_path: Path) -> None:
    text = f"listen: localhost:0\nadmin: localhost:0\nserver: {{workers: {workers}}}\n"
    with process(command(tmp_path, text), '"listening".*\n', tmp_path / "log") as found:
        listen, admin = (
            re.findall(rf'"{key}": \[(.*?)\](?:,|}})(?= |\n)', found[0]) for key in ("listen", "admin")
        )
        for urls in (listen[0], admin[0]):
            assert urls.count("http://127.0.0.1:") == urls.count("http://[::1]:") == 1
        port = int(re.findall(r"127\.0\.0\.1:(\d+)", listen[0])[0])
        for _ in range(8):  # whichever worker takes it
            assert answer(socket.AF_INET, ("127.0.0.1", port)) == b"HTTP/1.1 400"
            assert answer(socket.AF_INET6, ("::1", port)) == b"HTTP/1.1 400"


@pytest.mark.parametrize("workers", [1, 2])
def test_unix_sockets_have_their_mode_and_are_removed(workers: int, tmp_path: Path) -> None:
    traffic, admin = tmp_path / "p.sock", tmp_path / "a.sock"
    text = f"listen: unix:{traffic}?mode=0660\nadmin: unix:{admin}?mode=600\nserver: {{workers: {workers}}}\n"
    with process(command(tmp_path, text), '"listening".*\n', tmp_path / "log"):
        assert [stat.S_IMODE(path.stat().st_mode) for path in (traffic, admin)] == [0o660, 0o600]
        assert answer(socket.AF_UNIX, str(traffic)) == b"HTTP/1.1 400"
        assert answer(socket.AF_UNIX, str(admin))[:5] == b"HTTP/"
    assert not traffic.exists() and not admin.exists()


def test_a_start_that_fails_leaves_no_socket_file(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        text = f"admin: unix:{tmp_path}/p.sock\nlisten: 127.0.0.1:{taken.getsockname()[1]}\n"
        with process(command(tmp_path, text), '"cannot-listen"', tmp_path / "log"):
            pass
    assert not (tmp_path / "p.sock").exists()
