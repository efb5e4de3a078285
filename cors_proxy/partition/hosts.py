"""Hosts that stand for all: for each list of hosts, those that it matches and those that it does
not."""

from collections.abc import Iterable
from typing import Final

from ..cors.hosts import WILDCARD, is_address, split_port_text

UNLISTED: Final = b"unlisted.invalid"
ADDRESS: Final = b"192.0.2.1"  # RFC 5737
_LABEL: Final = "zz"


def host_candidates(entries: Iterable[str]) -> list[bytes]:
    """Every name of the entries, a name below it, and both with each port and one more.

    An unlisted host and an address are among them."""
    names: dict[str, None] = {}
    ports: dict[str, None] = {}
    for entry in entries:
        name, port = split_port_text(entry.lower())
        names[name.removeprefix(WILDCARD)] = None
        if port is not None:
            ports[port] = None
    below = _fresh(names)
    found: dict[bytes, None] = {}
    endings = ["", *(f":{port}" for port in ports), *([":%d" % _other(ports)] if names else [])]
    for name in names:
        for each in (name, f"{below}.{name}"):
            if each != name and is_address(name.encode("ascii")):
                continue
            for ending in endings:
                found[f"{each}{ending}".encode("ascii")] = None
    return [*found, UNLISTED, ADDRESS]


def _fresh(names: Iterable[str]) -> str:
    """A label that none of the names has."""
    used = {label for name in names for label in name.split(".")}
    label = _LABEL
    while label in used:
        label += "z"
    return label


def _other(ports: Iterable[str]) -> int:
    used = set(ports)
    return next(number for number in range(8081, 65535) if str(number) not in used)
