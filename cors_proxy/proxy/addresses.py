"""The addresses of one upstream: found by its names, kept up to date, chosen by their load.

The power of two choices: of two random addresses the one with fewer requests in flight gets the
next (Mitzenmacher, 2001).  It needs no view of all of them, and no memory."""

import asyncio
from ipaddress import ip_address
from random import random
from typing import Final

from ..policy.model import Upstream
from .address import Address
from .resolver import Resolver

_UNKNOWN: Final[list[str]] = []


class Addresses:
    """`only` is the address of an upstream that has exactly one: it is never taken out."""

    def __init__(self, upstream: Upstream, resolver: Resolver) -> None:
        self.all: list[Address] = []
        self.only: Address | None = None
        self._turn = 0
        self._upstream, self._resolver = upstream, resolver
        # By endpoint: the addresses of its name.
        self._known: list[list[str]] = []
        self._names: list[str] = []  # what has to be resolved, without repeats
        for endpoint in upstream.endpoints:
            literal = bool(endpoint.path) or _is_address(endpoint.host)
            self._known.append([endpoint.host] if literal else _UNKNOWN)
            if not literal and endpoint.host not in self._names:
                self._names.append(endpoint.host)
        self._update()

    @property
    def may_move(self) -> bool:
        """Whether another look-up may bring other addresses.  Those of localhost stay (RFC 6761
        6.3)."""
        return bool(self._names) and (not self.all or self._names != ["localhost"])

    async def look_up(self) -> tuple[list[Address], str]:
        """Resolves the names.  Returns the addresses that are gone, and why a name could not be
        resolved, else "".  Such a name keeps its addresses."""
        asked = [self._resolver.resolve(name) for name in self._names]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        faults = []
        for name, found in zip(self._names, answers, strict=True):
            if isinstance(found, OSError):
                faults.append(f"cannot resolve {name}: {found.strerror or found}")
            elif isinstance(found, BaseException):
                raise found
            elif found:
                for index, endpoint in enumerate(self._upstream.endpoints):
                    if endpoint.host == name:
                        self._known[index] = found
        return self._update(), "; ".join(faults)

    def _update(self) -> list[Address]:
        """Puts the known addresses in force; those that are gone."""
        before = {address.name: address for address in self.all}
        after: dict[str, Address] = {}
        for endpoint, hosts in zip(self._upstream.endpoints, self._known, strict=True):
            for host in hosts:
                address = Address(endpoint, host)
                after.setdefault(address.name, before.get(address.name, address))
        gone = [address for name, address in before.items() if name not in after]
        for address in gone:
            address.gone = True
        self.all = list(after.values())
        self.only = self.all[0] if len(self.all) == 1 else None
        return gone

    def choose(self, now: float, tried: list[Address] | None) -> Address | None:
        """The address for a request; None if there is none that is not in `tried`."""
        chosen: Address | None = None
        if tried is None and len(self.all) > 1:
            chosen = _less_loaded(self.all)
        if chosen is None or chosen.out_until > now:
            left = [address for address in self.all if tried is None or address not in tried]
            # Where all are out, all are tried: the proxy answers no 502 without an attempt.
            left = [address for address in left if address.out_until <= now] or left
            if not left:
                return None
            chosen = _less_loaded(left)
        self._turn += 1
        chosen.turn = self._turn
        return chosen

    def untried(self, tried: list[Address] | None) -> int:
        """How many addresses are not in `tried`."""
        return len(self.all) if tried is None else sum(address not in tried for address in self.all)


def _less_loaded(among: list[Address]) -> Address:
    """Of two random addresses the one with fewer requests in flight, or whose last turn is longer
    ago: with little load, chance alone would give one far more than another."""
    count = len(among)
    if count == 1:
        return among[0]
    first, second = int(random() * count), int(random() * (count - 1))
    if second >= first:
        second += 1
    one, other = among[first], among[second]
    difference = other.load - one.load
    return other if difference < 0 or (not difference and other.turn < one.turn) else one


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
