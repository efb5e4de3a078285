"""Sockets to listen on: bound here, taken from systemd, or inherited.  Whoever serves is handed them."""

import contextlib
import os
import socket
import stat
from collections.abc import MutableMapping
from typing import Final

from ..policy.model import Address

BACKLOG: Final = 1024
FIRST: Final = 3  # sd_listen_fds(3)


def bind(address: Address) -> list[socket.socket]:
    """Listening sockets: one, or one for each address of a name.  OSError says why not."""
    if address.path:
        return [_bind_path(address.path)]
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, _, _, _, place in dict.fromkeys(found):
            # With port 0 a name's second address takes the port that its first one got.
            port = sockets[0].getsockname()[1] if sockets and not address.port else address.port
            sockets.append(_bind_port(family, str(place[0]), port))
    except OSError:
        for each in sockets:
            each.close()
        raise
    return sockets


def _bind_port(family: int, host: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # `[::]` alone is every address of the machine, the IPv4 ones too.
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        listener.bind((host, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _bind_path(path: str) -> socket.socket:
    _remove_stale(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(path)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _remove_stale(path: str) -> None:
    """A socket's file that an earlier process left, and that nobody listens on."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(os.lstat(path).st_mode):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                try:
                    probe.connect(path)
                except ConnectionRefusedError:
                    os.unlink(path)


def describe(listener: socket.socket, scheme: str) -> str:
    """For people: `http://127.0.0.1:8080`, `http://[::1]:8080`, `unix:/run/p.sock`."""
    name = listener.getsockname()
    if listener.family == socket.AF_UNIX:
        return str(Address(path=name if isinstance(name, str) else os.fsdecode(name)))
    return f"{scheme}://{Address(host=name[0], port=name[1])}"


def from_systemd(environment: MutableMapping[str, str]) -> tuple[list[socket.socket], list[socket.socket]]:
    """Traffic's and the admin listener's sockets by socket activation; `FileDescriptorName=admin` names the latter.
    The variables are taken out: a child must not take them for its own.  https://www.freedesktop.org/software/systemd/man/sd_listen_fds.html"""
    pid, count, names = (environment.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"))
    if pid != str(os.getpid()) or not count.isdigit():
        return [], []
    traffic: list[socket.socket] = []
    admin: list[socket.socket] = []
    labels = names.split(":")
    for index in range(int(count)):
        listener = socket.socket(fileno=FIRST + index)
        listener.setblocking(False)
        listener.set_inheritable(False)
        (admin if labels[index : index + 1] == ["admin"] else traffic).append(listener)
    return traffic, admin
