"""Findings: differences of one cause and one direction, together, the dangerous ones first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from ..cors.hosts import split_port
from ..cors.names import SAFE_METHODS
from ..cors.place import Place
from ..partition import methods
from ..partition.outcome import Ability, Permission
from ..policy.model import Policy
from .causes import Cause, cause_of, causes_at_routes, comes_along
from .difference import Difference
from .differences import Differences, Met
from .who import ANY, MALFORMED, NULL, OTHERS, OWN, RESPONSES, Names, Who


class Level(Enum):
    """How much a finding matters; the value is what users see."""

    DANGER = "danger"  # new access that lets pages read as the user, or lets anybody in
    ACCESS = "new access"
    LOSS = "less access"
    OTHER = "other"

    @property
    def opens(self) -> bool:
        return self in (Level.DANGER, Level.ACCESS)


class Crossing(NamedTuple):
    """The routes that get the same requests: before, and after."""

    old: str
    new: str
    path: str  # one of the paths
    host: str  # and one of the Hosts


@dataclass(frozen=True, slots=True)
class Part:
    """What some origins may newly do, or no longer, on some routes.

    `methods` are those of the requests.  `of` has what an ability is about, such as the names of
    headers."""

    who: tuple[str, ...]
    ability: Ability
    methods: tuple[str, ...]
    of: tuple[str, ...]
    routes: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Differences of one cause.  `parts` are empty where nobody's access changes: then `changed`
    says what else does, with the values before and after."""

    level: Level
    cause: Cause
    parts: tuple[Part, ...]
    changed: tuple[tuple[str, str, str], ...]
    routes: tuple[Crossing, ...]
    witness: Difference | None
    lines: tuple[tuple[Place, ...], tuple[Place, ...]] = ((), ())

    @property
    def gained(self) -> bool:
        return self.level.opens


@dataclass(slots=True)
class _Heap:
    """What of one cause and direction comes together."""

    cause: Cause
    found: dict[tuple[tuple[str, ...], Ability], "_Cell"] = field(default_factory=dict)
    also: dict[str, tuple[dict[str, None], dict[str, None]]] = field(default_factory=dict)
    routes: dict[Crossing, None] = field(default_factory=dict)
    witness: Difference | None = None
    weight: int = -1
    lines: tuple[dict[Place, None], dict[Place, None]] = field(default_factory=lambda: ({}, {}))

    def line(self, who: Who) -> None:
        """Notes the lines that a reader has to look at: the entries of a list, or the key."""
        of_list = self.cause.key in ("origins", "accept_from")
        for at, key in enumerate(self.cause[1:]):
            entries = who.places[at] if of_list else ()
            for place in entries or ((key,) if isinstance(key, Place) else ()):
                self.lines[at][place] = None


@dataclass(slots=True)
class _Cell:
    methods: dict[str, None] = field(default_factory=dict)
    of: dict[str, None] = field(default_factory=dict)
    routes: dict[Crossing, None] = field(default_factory=dict)

    def within(self, other: "_Cell") -> bool:
        return (
            self.methods.keys() <= other.methods.keys()
            and self.of.keys() <= other.of.keys()
            and self.routes.keys() <= other.routes.keys()
        )


_WEIGHTS = {  # how much an ability lets in
    Ability.READ_WITH_COOKIES: 100,
    Ability.API_DECIDES: 90,
    Ability.SOCKET: 55,
    Ability.READ: 60,
    Ability.SEND: 50,
    Ability.SOCKET_WITHOUT_ORIGIN: 45,
    Ability.SEND_WITHOUT_ORIGIN: 40,
    Ability.PREFLIGHT_WITH_COOKIES: 30,
    Ability.EXPOSE: 25,
    Ability.PREFLIGHT: 20,
    Ability.PRIVATE_NETWORK: 20,
    Ability.RETRY: 15,
    Ability.EMBED: 10,
    Ability.TIMING: 5,
    Ability.UPGRADE: 1,
}
_DANGEROUS = (Ability.READ_WITH_COOKIES, Ability.API_DECIDES, Ability.SOCKET)
_ANYBODY = (OTHERS, ANY, NULL, MALFORMED)


def findings_of(differences: Differences) -> list[Finding]:
    """All findings about requests, in the order of their danger."""
    return _Findings(differences).all()


class _Findings:
    def __init__(self, differences: Differences) -> None:
        self.differences = differences
        self.policies: tuple[Policy, Policy] = (differences.old, differences.new)
        self.names = Names(differences.listed)
        self.heaps: dict[tuple[Cause, str], _Heap] = {}
        self.known: dict[tuple[object, ...], list[dict[Crossing, None]]] = {}
        self.touched: dict[int, dict[Crossing, None]] = {}

    def all(self) -> list[Finding]:
        for met in self.differences.meetings:
            old, new = met.old.name, met.new.name
            path, host = met.meeting.path.decode("ascii"), split_port(met.meeting.host)[0].decode("ascii")
            crossing = Crossing(old, new, path, host)
            for routes in self._add_all(met):
                routes[crossing] = None
        self._merge_what_comes_along()
        for heap in self.heaps.values():
            self._leave_out_what_is_implied(heap)
        found = [_finding(sign, heap) for (_, sign), heap in self.heaps.items()]
        order = list(Level)
        return sorted(found, key=lambda each: (order.index(each.level), -_weight_of(each), str(each.cause)))

    def _add_all(self, met: Met) -> list[dict[Crossing, None]]:
        """Adds the differences of a meeting.  Returns all lists of routes that it belongs to.

        Many routes inherit their keys, and differ in nothing else: they belong to the same."""
        key = _shape(self.policies, met)
        if key not in self.known:
            self.touched = {}
            for difference in met.differences:
                self._add(met, difference)
            self.known[key] = list(self.touched.values())
        return self.known[key]

    def _add(self, met: Met, difference: Difference) -> None:
        cause = cause_of(self.policies, met, difference)
        for sign, permissions in (("gained", difference.gained), ("lost", difference.lost)):
            if permissions:
                self._permissions(self._heap(cause, sign), met, difference, permissions)
        if difference.gained or difference.lost:
            along = comes_along(met, difference)
            if along is not None and along[0] != cause:
                self._also(along[0], met, difference, along[1])
        else:
            self._also(cause, met, difference)

    def _heap(self, cause: Cause, sign: str) -> _Heap:
        heap = self.heaps.setdefault((cause, sign), _Heap(cause))
        self._touch(heap.routes)
        return heap

    def _touch(self, routes: dict[Crossing, None]) -> None:
        self.touched[id(routes)] = routes

    def _also(self, cause: Cause, met: Met, difference: Difference, only: str = "") -> None:
        heap = self._heap(cause, "also")
        heap.witness = heap.witness or difference
        for at, side in enumerate(difference.also):
            for name, value in sorted(each for each in side if only in ("", each[0])):
                heap.also.setdefault(name, ({}, {}))[at][value] = None
        heap.line(self.names.of(met, difference.case))

    def _permissions(
        self, heap: _Heap, met: Met, difference: Difference, permissions: Iterable[Permission]
    ) -> None:
        case = difference.case
        who = self.names.of(met, case)
        used = [_method(method, met) for method in met.groups.methods.get(case.method, ())]
        headers = [name.decode("ascii") for name in met.groups.headers.get(case.header or (), ())]
        heap.line(who)
        for ability, of in sorted(permissions, key=lambda each: (each[0].value, each[1])):
            names = (RESPONSES,) if ability is Ability.EMBED else who.names
            cell = heap.found.setdefault((names, ability), _Cell())
            self._touch(cell.routes)
            cell.methods.update(dict.fromkeys(method for method in used if method))
            if of:
                cell.of[of] = None
            if ability in (Ability.PREFLIGHT, Ability.PREFLIGHT_WITH_COOKIES):
                cell.of.update(dict.fromkeys(headers))
            # Of equal ones the first, and one that a page can make before one that it cannot
            weight = _WEIGHTS[ability] * 4 + 2 * (case.request.fetch_site is None)
            weight += case.request.method == b"GET"
            if weight > heap.weight:
                heap.weight, heap.witness = weight, difference

    def _merge_what_comes_along(self) -> None:
        """An answer that differs for the same cause as somebody's access is no finding of its own."""
        for cause, sign in list(self.heaps):
            if sign == "also" and any((cause, other) in self.heaps for other in ("gained", "lost")):
                del self.heaps[(cause, sign)]

    def _leave_out_what_is_implied(self, heap: _Heap) -> None:
        """What several feeds' origins may do if one of these feeds is enough, and the like."""
        for (names, ability), cell in list(heap.found.items()):
            if not all(name in self.names.implied for name in names):
                continue
            wider = [
                frozenset(others)
                for (others, same), other in heap.found.items()
                if same is ability and other is not cell and cell.within(other)
            ]
            if all(any(self.names.implied.get(name, frozenset()) & each for each in wider) for name in names):
                del heap.found[(names, ability)]


def _shape(policies: tuple[Policy, Policy], met: Met) -> tuple[object, ...]:
    """Equal for meetings whose differences belong to the same findings."""
    groups = met.groups
    return (
        id(met.differences),
        id(groups.origins),
        *(tuple(map(tuple, each.values())) for each in (groups.methods, groups.headers)),
        tuple(groups.own.values()),
        *(None if route.cors is None else tuple(route.cors.places.items()) for route in (met.old, met.new)),
        causes_at_routes(policies, met),
    )


def _method(method: bytes, met: Met) -> str:
    if method in (methods.UNKNOWN, methods.MALFORMED):
        return ""
    return "others" if method == met.meeting.unnamed else method.decode("ascii")


def _finding(sign: str, heap: _Heap) -> Finding:
    parts = tuple(
        Part(who, ability, tuple(cell.methods), tuple(cell.of), tuple(cell.routes))
        for (who, ability), cell in sorted(heap.found.items(), key=lambda item: -_WEIGHTS[item[0][1]])
    )
    changed = tuple(
        (name, ", ".join(before), ", ".join(after)) for name, (before, after) in sorted(heap.also.items())
    )
    level = Level.OTHER if sign == "also" else Level.LOSS if sign == "lost" else _level(parts)
    lines = tuple(heap.lines[0]), tuple(heap.lines[1])
    return Finding(level, heap.cause, parts, changed, tuple(heap.routes), heap.witness, lines)


def _level(parts: tuple[Part, ...]) -> Level:
    return Level.DANGER if any(_dangerous(part) for part in parts) else Level.ACCESS


def _dangerous(part: Part) -> bool:
    if part.ability in _DANGEROUS:
        return OWN not in part.who
    if part.ability is Ability.SEND_WITHOUT_ORIGIN:
        return any(method.encode("ascii") not in SAFE_METHODS for method in part.methods)
    return part.ability in (Ability.READ, Ability.SEND) and any(who in _ANYBODY for who in part.who)


def _weight_of(finding: Finding) -> int:
    return max((_WEIGHTS[part.ability] for part in finding.parts), default=0)
