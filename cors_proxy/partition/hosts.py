"""Hosts that stand for all: for each list of hosts, those that it matches and those that it does
not."""

from collections.abc import Iterable, Iterator
from typing import Final

from ..cors.hosts import WILDCARD, HostList, is_address, split_port_text
from ..cors.pattern import Pattern, PatternError, parse_pattern

ADDRESS: Final = b"192.0.2.1"  # RFC 5737
# RFC 2606: of these, at least one is a Host that no list names
_UNLISTED: Final = ("api.example", "api.test", "api.invalid")
_LABEL: Final = "zz"


def host_candidates(entries: Iterable[str]) -> list[bytes]:
    """Every name of the entries, a name below it, and both with each port and one more.

    An unlisted host and an address are among them."""
    entries = list(entries)
    names: dict[str, None] = {}
    ports: dict[str, None] = {}
    for entry in entries:
        name, port = split_port_text(entry.lower())
        names[name.removeprefix(WILDCARD)] = None
        if port is not None:
            ports[port] = None
    below = _fresh(names)
    found: dict[bytes, None] = {}
    endings = ["", *(f":{port}" for port in ports), *([f":{_other(ports)}"] if names else [])]
    for name in names:
        for each in (name, f"{below}.{name}"):
            if each != name and is_address(name.encode("ascii")):
                continue
            for ending in endings:
                found[f"{each}{ending}".encode("ascii")] = None
    return [unlisted(entries), *found, ADDRESS]


def origin_patterns(entries: Iterable[str]) -> Iterator[Pattern]:
    """The origins that equal a Host of these entries, as patterns."""
    for entry in entries:
        _, port = split_port_text(entry)
        for scheme in ("https", "http"):
            try:
                yield parse_pattern(f"{scheme}://{entry.lower()}{':*' if port is None else ''}")
            except PatternError:
                continue  # no browser sends that Host in an Origin, such as the default port


def unlisted(entries: Iterable[str]) -> bytes:
    """A Host that no entry matches."""
    listed = HostList(entries)
    names = (*_UNLISTED, *(f"api{number}.unlisted{number}" for number in range(1000)))
    return next(host for name in names if not listed.matches(host := name.encode("ascii")))


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
