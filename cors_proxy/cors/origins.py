"""A set of origins and patterns, looked up by the bytes of Origin.

Exact origins cost one dict look-up, however many there are.  Wildcards cost one for each label of
the host, not one for each pattern."""

from collections.abc import Iterable, Mapping
from typing import Final

from .origin import Origin, parse_origin
from .pattern import ANY_PORT
from .spec import OriginRule

_LABEL: Final = b"abcdefghijklmnopqrstuvwxyz0123456789-"

_Ports = dict[int | None, OriginRule]
_Domain = tuple[bytes, bytes]  # scheme, domain


class OriginSet:
    """`any` is the rule of `*`.  Of several rules that match, the exact one decides, then the one
    with the longest domain, then the earlier one."""

    __slots__ = ("_hosts", "_parts", "_schemes", "_subdomains", "any", "exact")

    def __init__(self, rules: Iterable[OriginRule]) -> None:
        self.any: OriginRule | None = None
        self.exact: dict[bytes, OriginRule] = {}
        self._hosts: dict[_Domain, _Ports] = {}
        self._subdomains: dict[_Domain, _Ports] = {}
        self._parts: dict[_Domain, dict[tuple[int, int], dict[tuple[bytes, bytes], _Ports]]] = {}
        self._schemes: dict[bytes, OriginRule] = {}
        for rule in rules:
            self._add(rule)

    def _add(self, rule: OriginRule) -> None:
        pattern = rule.pattern
        domain = (pattern.scheme, pattern.host)
        if pattern.kind == "any":
            self.any = self.any or rule
        elif pattern.kind == "scheme":
            self._schemes.setdefault(pattern.scheme, rule)
        elif pattern.kind == "host":
            self._hosts.setdefault(domain, {}).setdefault(pattern.port, rule)
        elif pattern.kind == "subdomains":
            self._subdomains.setdefault(domain, {}).setdefault(pattern.port, rule)
        elif pattern.kind == "part":
            shapes = self._parts.setdefault(domain, {})
            ends = shapes.setdefault((len(pattern.prefix), len(pattern.suffix)), {})
            ends.setdefault((pattern.prefix, pattern.suffix), {}).setdefault(pattern.port, rule)
        else:
            self.exact.setdefault(pattern.text.encode("ascii"), rule)

    def find(self, raw: bytes) -> OriginRule | None:
        """The rule that allows an Origin as it was sent, without `*`."""
        return self.exact.get(raw) or self.find_wildcard(raw)

    def find_wildcard(self, raw: bytes) -> OriginRule | None:
        """The same, for callers that looked in `exact` before."""
        if not (self._hosts or self._subdomains or self._parts or self._schemes):
            return None
        origin = parse_origin(raw)
        if origin is None:
            return None
        rule = _at(self._hosts.get((origin.scheme, origin.host)), origin.port) or self._below(origin)
        # An extension's host is a name of its own.
        if rule is None and origin.port is None and origin.host and origin.host[:1] != b"[":
            return self._schemes.get(origin.scheme)
        return rule

    def _below(self, origin: Origin) -> OriginRule | None:
        """Looks up the domains above a host, the longest first."""
        scheme, host, port = origin
        label, dot, domain = host.partition(b".")
        if dot and self._parts:
            rule = _part(self._parts.get((scheme, domain)), label, port)
            if rule is not None:
                return rule
        while dot:
            rule = _at(self._subdomains.get((scheme, domain)), port)
            if rule is not None:
                return rule
            _, dot, domain = domain.partition(b".")
        return None


def _at(ports: _Ports | None, port: int | None) -> OriginRule | None:
    return None if ports is None else ports.get(port) or ports.get(ANY_PORT)


def _part(
    shapes: Mapping[tuple[int, int], dict[tuple[bytes, bytes], _Ports]] | None, label: bytes, port: int | None
) -> OriginRule | None:
    """A star inside a label stands for one or more of [a-z0-9-], never for a dot."""
    for (before, after), ends in (shapes or {}).items():
        stop = len(label) - after
        if before < stop and not label[before:stop].translate(None, _LABEL):
            rule = _at(ends.get((label[:before], label[stop:])), port)
            if rule is not None:
                return rule
    return None
