"""Listening sockets: bound here, or received from systemd."""

import contextlib
import errno
import os
import socket
import stat
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Final

from ..policy.model import Address

BACKLOG: Final = 1024
LOCALHOST: Final = "localhost"
_NO_IPV6: Final = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
FIRST_DESCRIPTOR: Final = 3  # SD_LISTEN_FDS_START of sd_listen_fds(3)


def bind(address: Address) -> list[socket.socket]:
    """One listening socket, or one for each address of a name.  Raises OSError."""
    if address.path:
        return [_bind_path(address.path, address.mode)]
    sockets: list[socket.socket] = []
    try:
        for family, host in _addresses(address.host):
            # With port 0 the other addresses of a name get the port that the first one got.
            port = sockets[0].getsockname()[1] if sockets and not address.port else address.port
            try:
                sockets.append(_bind_port(family, host, port))
            except OSError as error:
                if not (sockets and address.host == LOCALHOST and error.errno in _NO_IPV6):
                    raise
    except OSError:
        for listener in sockets:
            listener.close()
        raise
    return sockets


def _addresses(host: str) -> list[tuple[socket.AddressFamily, str]]:
    if host == LOCALHOST:
        # Browsers try both, and /etc/hosts may name one only (RFC 6761, 6.3).
        return [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((family, str(bound[0])) for family, _, _, _, bound in found))


def _bind_port(family: int, host: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # Only `[::]` accepts IPv4 connections too.
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        listener.bind((host, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _bind_path(path: str, mode: int | None) -> socket.socket:
    _remove_stale(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # By the umask, not by chmod: between bind and chmod the file would have another mode.
        old = None if mode is None else os.umask(0o777 & ~mode)
        try:
            listener.bind(path)
        finally:
            if old is not None:
                os.umask(old)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _remove_stale(path: str) -> None:
    """Remove a socket file that an earlier process left, if no process listens on it."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(os.lstat(path).st_mode):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                try:
                    probe.connect(path)
                except ConnectionRefusedError:
                    os.unlink(path)


@dataclass(frozen=True, slots=True)
class SocketFile:
    """The file of a listening Unix socket, to be removed at the end."""

    path: str
    identity: tuple[int, int]  # device and inode

    @classmethod
    def of(cls, address: Address) -> "SocketFile | None":
        """The file that `bind` made; None for a port."""
        return cls(address.path, _identity(address.path)) if address.path else None

    def remove(self) -> None:
        """Another process may have put its own socket there meanwhile: that one stays."""
        with contextlib.suppress(OSError):
            if _identity(self.path) == self.identity:
                os.unlink(self.path)


def _identity(path: str) -> tuple[int, int]:
    status = os.lstat(path)
    return status.st_dev, status.st_ino


def describe(listener: socket.socket, scheme: str) -> str:
    """`http://127.0.0.1:8080`, `http://[::1]:8080` or `unix:/run/p.sock`, for messages."""
    name = listener.getsockname()
    if listener.family == socket.AF_UNIX:
        return str(Address(path=name if isinstance(name, str) else os.fsdecode(name)))
    return f"{scheme}://{Address(host=name[0], port=name[1])}"


def from_systemd(
    environment: MutableMapping[str, str],
) -> tuple[list[socket.socket], list[socket.socket], list[socket.socket]]:
    """The sockets for traffic, for the admin listener and for asks, by socket activation.

    `FileDescriptorName=admin` and `=decide` mark the latter two.  The variables are removed from
    `environment`, as sd_listen_fds(3) does with `unset_environment`, so that no child process uses
    them.
    https://www.freedesktop.org/software/systemd/man/sd_listen_fds.html
    """
    pid, count, names = (environment.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"))
    if pid != str(os.getpid()) or not count.isdigit():
        return [], [], []
    traffic: list[socket.socket] = []
    named: dict[str, list[socket.socket]] = {"admin": [], "decide": []}
    labels = names.split(":")
    for index in range(int(count)):
        listener = socket.socket(fileno=FIRST_DESCRIPTOR + index)
        listener.setblocking(False)
        listener.set_inheritable(False)
        named.get(labels[index] if index < len(labels) else "", traffic).append(listener)
    return traffic, named["admin"], named["decide"]
