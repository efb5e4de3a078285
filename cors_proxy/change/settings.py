"""Settings that decide about no request: listeners, limits, where a route's requests go."""

from collections.abc import Iterator
from typing import NamedTuple

from ..cors.place import Place
from ..partition.feeds import feed_rules
from ..policy.effective import (
    PlainData,
    effective_bounds,
    effective_decide,
    effective_forwarding,
    effective_server,
)
from ..policy.model import Policy
from .differences import Differences


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
    found = [
        Setting(key, one, other, _place(old, key), _place(new, key))
        for key, one, other in _changed("", _of_proxy(old), _of_proxy(new))
    ]
    return found + _of_routes(differences, {setting.key for setting in found})


def _of_proxy(policy: Policy) -> PlainData:
    admin = policy.admin
    return {
        "listen": str(policy.listen) if policy.forwards else "none",
        "admin": {"listen": str(admin.listen), "hosts": list(admin.hosts)} if admin else "off",
        "decide": effective_decide(policy.decide),
        "server": effective_server(policy.server),
        "dangerously_allow": sorted(policy.dangers),
        "assert": [assertion.text for assertion in policy.assertions],
    }


def _of_route(policy: Policy, index: int) -> PlainData:
    route = policy.spec.default if index == len(policy.spec.routes) else policy.spec.routes[index]
    forwarding = policy.forwarding[index]
    return {
        "name": route.name,
        **effective_forwarding(forwarding),
        **effective_bounds(forwarding),
        "dangerously_allow": sorted(route.path_words),
        "feeds": {
            str(rule.feed): {"every": rule.every, "required": rule.required, "stale": rule.stale}
            for rule in feed_rules(route.cors)
        },
    }


def _changed(key: str, one: object, other: object) -> Iterator[tuple[str, str, str]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys((*one, *other)):
            yield from _changed(f"{key}.{name}".lstrip("."), one.get(name), other.get(name))
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


def _of_routes(differences: Differences, known: set[str]) -> list[Setting]:
    """What differs between the routes that a request can meet."""
    found: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    policies = differences.old, differences.new
    data = [[_of_route(policy, at) for at in range(len(policy.spec.routes) + 1)] for policy in policies]
    for first, second in differences.routes:
        if data[0][first] != data[1][second]:
            for change in _changed("", data[0][first], data[1][second]):
                outer = change[0].partition(".")[0]
                if f"server.{change[0]}" not in known or not _inherits(differences, first, second, outer):
                    found.setdefault(change, []).append((first, second))
    old, new = ((*policy.spec.routes, policy.spec.default) for policy in policies)
    settings = []
    for (key, one, other), pairs in found.items():
        places = (old[pairs[0][0]].place, new[pairs[0][1]].place)
        names = dict.fromkeys(new[second].name for _, second in pairs)
        settings.append(Setting(key, one, other, *_nearest(differences, key, places), tuple(names)))
    return settings


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
