"""Settings that decide about no request: listeners, limits, where a route's requests go."""

from collections.abc import Iterator
from typing import NamedTuple

from ..cors.place import Place
from ..policy.effective import PlainData, effective
from ..policy.model import Policy
from .differences import Differences

# Of a route: what decides about requests is found by requests
_DECIDING = ("path", "rule", "method", "host", "cors", "amp", "mode")


class Setting(NamedTuple):
    """A key whose value differs.  `routes` are the new ones that it is about, () for all."""

    key: str
    before: str
    after: str
    old: Place | None
    new: Place | None
    routes: tuple[str, ...] = ()


def settings_of(differences: Differences) -> list[Setting]:
    """Every setting that differs, those of the whole proxy first."""
    old, new = differences.old, differences.new
    before, after = effective(old), effective(new)
    found = [
        Setting(key, one, other, _place(old, key), _place(new, key))
        for key, one, other in _of_proxy(before, after, old, new)
    ]
    return found + _of_routes(differences, before, after, {setting.key for setting in found})


def _of_proxy(
    before: PlainData, after: PlainData, old: Policy, new: Policy
) -> Iterator[tuple[str, str, str]]:
    for key in ("listen", "admin", "server"):
        yield from _changed(key, before[key], after[key])
    yield from _changed("dangerously_allow", sorted(old.dangers), sorted(new.dangers))


def _changed(key: str, one: object, other: object) -> Iterator[tuple[str, str, str]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys((*one, *other)):
            yield from _changed(f"{key}.{name}", one.get(name), other.get(name))
    elif one != other:
        yield key, shown(one), shown(other)


def shown(value: object) -> str:
    """A value in one line."""
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {shown(each)}" for key, each in value.items())
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _place(policy: Policy, key: str) -> Place | None:
    """Where a key is set, or the nearest mapping that holds it."""
    while key:
        if key in policy.places:
            return policy.places[key]
        key = key.rpartition(".")[0]
    return None


def _of_routes(
    differences: Differences, before: PlainData, after: PlainData, known: set[str]
) -> list[Setting]:
    """What differs between the routes that a request can meet."""
    found: dict[tuple[str, str, str], list[int]] = {}
    places: dict[tuple[str, str, str], tuple[Place, Place]] = {}
    old, new = differences.old.spec, differences.new.spec
    for first, second in differences.routes:
        for key in dict.fromkeys((*before["routes"][first], *after["routes"][second])):
            if key in _DECIDING:
                continue
            one, other = before["routes"][first].get(key), after["routes"][second].get(key)
            for change in _changed(key, one, other):
                if f"server.{change[0]}" in known and _inherits(differences, first, second, key):
                    continue
                found.setdefault(change, []).append(second)
                places.setdefault(
                    change,
                    ((*old.routes, old.default)[first].place, (*new.routes, new.default)[second].place),
                )
    names = [route.name for route in (*new.routes, new.default)]
    return [
        Setting(
            key,
            one,
            other,
            *_nearest(differences, key, places[key, one, other]),
            tuple(dict.fromkeys(names[i] for i in at)),
        )
        for (key, one, other), at in found.items()
    ]


def _inherits(differences: Differences, first: int, second: int, key: str) -> bool:
    """Whether both routes have the server's own limits or timeouts."""
    return all(
        getattr(policy.forwarding[at], key) is getattr(policy.server, key)
        for policy, at in ((differences.old, first), (differences.new, second))
    )


def _nearest(
    differences: Differences, key: str, places: tuple[Place, Place]
) -> tuple[Place | None, Place | None]:
    """The key of the top level, where it is set; else the route."""
    top = _place(differences.old, key), _place(differences.new, key)
    return top if any(top) else places
