"""The Host header (RFC 9110 §7.2): its grammar, host and port, and the allowlist `hosts` (row 421),
which stops DNS rebinding."""

from collections.abc import Container, Iterable, Sequence
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


WILDCARD: Final = "*."  # how an entry for all names below another one begins


def host_key(entry: str) -> bytes:
    """What is looked up for an entry of a list of hosts: `*.example.com` becomes `.example.com`,
    which no valid Host is."""
    return entry.lower().removeprefix("*").encode("ascii")


def names_above(host: bytes, listed: Container[bytes]) -> list[bytes]:
    """The keys among `listed` of the wildcards that match a Host in lower case, with its port and
    without it."""
    found = []
    at = host.find(b".")
    bare = split_port(host)[0]
    while at > 0:
        for suffix in (host[at:], bare[at:]):
            if suffix in listed and suffix not in found:
                found.append(suffix)
        at = host.find(b".", at + 1)
    return found


def _port_covers(one: str | None, other: str | None) -> bool:
    return one is None or one == other


def _name_covers(one: str, other: str) -> bool:
    return one == other or (one.startswith(WILDCARD) and other.endswith(one[1:]))


def covers(one: str, other: str) -> bool:
    """Whether an entry matches every Host that the other one matches.  Both are in lower case."""
    (name, port), (its, its_port) = split_port_text(one), split_port_text(other)
    return _port_covers(port, its_port) and _name_covers(name, its)


def overlap(one: str, other: str) -> bool:
    """Whether there is a Host that both entries match.  Both are in lower case."""
    (name, port), (its, its_port) = split_port_text(one), split_port_text(other)
    ports = _port_covers(port, its_port) or _port_covers(its_port, port)
    return ports and (_name_covers(name, its) or _name_covers(its, name))


def example(entries: Sequence[str]) -> str:
    """A Host that a list of at least one entry matches: the first one in full, else one below the
    first wildcard."""
    full = (entry for entry in entries if not entry.startswith(WILDCARD))
    return next(full, "www" + entries[0].removeprefix("*"))


class HostList:
    """`hosts`: a name alone matches with any port, a name with a port exactly that one.

    `*.example.com` stands for every name below example.com, not for that one.  Case does not
    matter, a trailing dot does."""

    __slots__ = ("_above", "_exact")

    def __init__(self, entries: Iterable[str]) -> None:
        keys = [(entry.startswith(WILDCARD), host_key(entry)) for entry in entries]
        self._exact = frozenset(found for wildcard, found in keys if not wildcard)
        self._above = frozenset(found for wildcard, found in keys if wildcard)

    def names(self, host: bytes) -> bool:
        """Whether the list names a Host exactly.

        A wildcard does not: a page may have rebound a name below it."""
        lower = host.lower()
        return lower in self._exact or split_port(lower)[0] in self._exact

    def matches(self, host: bytes) -> bool:
        """Exactly, or by a wildcard."""
        return self.names(host) or (bool(self._above) and bool(names_above(host.lower(), self._above)))

    def allows(self, host: bytes) -> bool:
        """IP addresses pass as well, because a page cannot rebind an address."""
        return self.matches(host) or is_address(host)
