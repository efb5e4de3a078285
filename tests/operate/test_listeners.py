import os
import socket
import stat
from pathlib import Path

import pytest

from cors_proxy.operate.listeners import SocketFile, bind, describe, from_systemd
from cors_proxy.policy.model import Address
from tests.ports import unused_port


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_bind_a_port(host: str) -> None:
    listeners = bind(Address(host, 0))
    try:
        assert len({each.getsockname()[1] for each in listeners}) == 1
        assert describe(listeners[0], "http").startswith("http://")
        assert describe(listeners[0], "http").endswith(f":{listeners[0].getsockname()[1]}")
        with socket.create_connection(("127.0.0.1", listeners[0].getsockname()[1]), timeout=5):
            pass
    finally:
        for each in listeners:
            each.close()


def test_ipv6_is_shown_in_brackets_and_any_address_takes_ipv4_too() -> None:
    try:
        (listener,) = bind(Address("::", 0))
    except OSError:
        pytest.skip("no IPv6 on this machine")
    with listener:
        assert describe(listener, "https").startswith("https://[::]:")
        with socket.create_connection(("127.0.0.1", listener.getsockname()[1]), timeout=5):
            pass


def test_a_taken_port_is_an_error() -> None:
    (listener,) = bind(Address("127.0.0.1", 0))
    with listener, pytest.raises(OSError):
        bind(Address("127.0.0.1", listener.getsockname()[1]))


def test_a_stale_socket_file_is_replaced_and_a_live_one_is_not(tmp_path: Path) -> None:
    path = str(tmp_path / "p.sock")
    (first,) = bind(Address(path=path))
    assert describe(first, "http") == f"unix:{path}"
    with pytest.raises(OSError):
        bind(Address(path=path))
    first.close()
    (second,) = bind(Address(path=path))
    second.close()


def test_a_file_that_is_no_socket_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    with pytest.raises(OSError):
        bind(Address(path=str(path)))
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    "variables",
    [{}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "x"}],
)
def test_sockets_meant_for_another_process_are_left_alone(variables: dict[str, str]) -> None:
    environment = dict(variables)
    assert from_systemd(environment) == ([], [], [])
    assert not environment


@pytest.mark.parametrize("mode", [0o600, 0o660, 0o666])
def test_a_socket_file_has_its_mode(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "p.sock"
    before = os.umask(0o077)
    try:
        (listener,) = bind(Address(path=str(path), mode=mode))
        assert os.umask(0o077) == 0o077  # as it was
    finally:
        os.umask(before)
    listener.close()
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_socket_file_is_removed_unless_another_process_replaced_it(tmp_path: Path) -> None:
    address = Address(path=str(tmp_path / "p.sock"))
    (listener,) = bind(address)
    file = SocketFile.of(address)
    assert file is not None and SocketFile.of(Address("127.0.0.1", 1)) is None
    listener.close()
    (tmp_path / "keep").hardlink_to(address.path)  # so that its inode is not used again
    (second,) = bind(address)
    file.remove()
    assert Path(address.path).exists()
    second.close()
    other = SocketFile.of(address)
    assert other is not None
    other.remove()
    other.remove()
    assert not Path(address.path).exists()


@pytest.mark.parametrize("port", [0, None])
def test_localhost_is_both_families(port: int | None) -> None:
    listeners = bind(Address("localhost", unused_port() if port is None else port))
    try:
        assert [each.getsockname()[0] for each in listeners] == ["127.0.0.1", "::1"]
        assert len({each.getsockname()[1] for each in listeners}) == 1
    finally:
        for each in listeners:
            each.close()


def test_localhost_needs_its_port_on_both(tmp_path: Path) -> None:
    (taken,) = bind(Address("::1", 0))
    with taken, pytest.raises(OSError):
        bind(Address("localhost", taken.getsockname()[1]))
