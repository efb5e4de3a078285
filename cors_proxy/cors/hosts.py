"""The Host header (RFC 9110 §7.2): its grammar, host and port, and the allowlist `hosts` (row 421),
which stops DNS rebinding."""

from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from typing import Final

_NAME: Final = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
_DIGITS: Final = b"0123456789"


def split_port(host: bytes) -> tuple[bytes, bytes | None]:
    """Name (or address, in its brackets) and the digits of the port.

    Nothing is checked; without a colon the port is None."""
    bracket = host.rfind(b"]")
    rest, colon, port = host[bracket + 1 :].partition(b":")
    return host[: bracket + 1] + rest, port if colon else None


def split_port_text(host: str) -> tuple[str, str | None]:
    """The same of text."""
    bracket = host.rfind("]")
    rest, colon, port = host[bracket + 1 :].partition(":")
    return host[: bracket + 1] + rest, port if colon else None


def is_loopback(name: str) -> bool:
    """Whether a host without its port, in lower case, never leaves the machine: `localhost`, names
    below it, 127.0.0.0/8, ::1 with or without brackets.

    https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy"""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def valid(host: bytes) -> bool:
    """Whether Host is `uri-host [":" port]` (RFC 9110 §7.2): a name, or an address literal.

    Stricter than the grammar, because no client needs the rest: labels of letters, digits, `-` and
    `_`; no empty host or port, no percent-encoding, no sub-delims."""
    if not host.translate(None, _NAME):
        name, port = host, None
    else:
        name, port = split_port(host)
    if port is not None and (not 0 < len(port) <= 5 or port.translate(None, _DIGITS) or int(port) > 65535):
        return False
    if name[:1] == b"[":
        return _is_ipv6(name)
    return 0 < len(name) <= 255 and not name.translate(None, _NAME) and name[:1] != b"." and b".." not in name


def is_address(host: bytes) -> bool:
    """Whether a valid Host is an IP address: four decimal numbers, or IPv6 in brackets.

    `127.1` is none: a resolver could take it for a name."""
    name, _ = split_port(host)
    if name[:1] == b"[":
        return _is_ipv6(name)
    if name.translate(None, _DIGITS + b"."):
        return False
    try:
        IPv4Address(name.decode("ascii"))
    except AddressValueError:
        return False
    return True


def _is_ipv6(name: bytes) -> bool:
    if name[-1:] != b"]" or b"%" in name:
        return False
    try:
        IPv6Address(name[1:-1].decode("ascii"))
    except (AddressValueError, UnicodeDecodeError):
        return False
    return True


class HostList:
    """`hosts`: a name alone matches with any port, a name with a port exactly that one.

    Case does not matter, a trailing dot does."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = frozenset(entry.lower().encode("ascii") for entry in entries)

    def names(self, host: bytes) -> bool:
        """Whether the list itself names a Host."""
        lower = host.lower()
        return lower in self._entries or split_port(lower)[0] in self._entries

    def allows(self, host: bytes) -> bool:
        """IP addresses pass as well, because a page cannot rebind an address."""
        return self.names(host) or is_address(host)
