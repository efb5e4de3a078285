"""Who a difference is about: the entries of the policies' lists that match, else a description."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ..cors.place import Place
from ..cors.site import Route
from ..partition.cases import Case
from ..partition.groups import View, host_of
from ..partition.listings import How
from .differences import Met

OTHERS = "any other origin"
ANY = "any origin"
NOBODY = "requests without Origin"
OWN = "an Origin that equals Host"
NULL = "null"
MALFORMED = "malformed origins"
RESPONSES = "responses"  # which pages embed
_NONE: Final[frozenset[str]] = frozenset()


class Who(NamedTuple):
    """`names` are what matches under the new policy, else under the old one.

    `places` are where the entries stand, in the old and in the new policy."""

    names: tuple[str, ...]
    places: tuple[tuple[Place, ...], tuple[Place, ...]] = ((), ())


class Names:
    """Names the origins of a view.  Lists that many routes share are named once.

    `implied` has names with wider ones: what these may do is not said again of the name."""

    def __init__(self, feeds: Mapping[str, How]) -> None:
        """`feeds` are the origins that stand for what feeds list."""
        self.implied: dict[str, frozenset[str]] = {
            origin: frozenset(other for other, wider in feeds.items() if wider.items() < how.items())
            for origin, how in feeds.items()
        }
        self._named: dict[tuple[int, int, int], tuple[list[bytes], Who]] = {}

    def of(self, met: Met, case: Case) -> Who:
        """Who sends the requests that a case stands for."""
        view, origin = case.origin, case.request.origin
        if view is None or origin is None:
            return Who((NOBODY,))
        found = self._of_view(met, view)
        equal = host_of(origin) == case.request.host
        if equal and found.names == (OTHERS,):
            found = found._replace(names=(OWN,))
        if met.listed:
            found = found._replace(names=tuple(self._where_listed(name, met.listed) for name in found.names))
        return found

    def _where_listed(self, name: str, feeds: tuple[str, ...]) -> str:
        listed = f"{name} if {' and '.join(feeds)} {'lists' if len(feeds) == 1 else 'list'} it"
        self.implied[listed] = frozenset((name,))
        return listed

    def _of_view(self, met: Met, view: View) -> Who:
        old, new = (found.route for found in met.meeting.matches)
        if view in met.groups.own and view not in met.groups.origins:
            return _named([met.groups.own[view]], old, new, OTHERS)
        origins = met.groups.origins.get(view, [])
        key = id(origins), id(old.origins), id(new.origins)
        if key not in self._named:
            # The list is kept as well: while it lives, no other object has its id
            other = {"null": NULL, "malformed": MALFORMED}.get(str(view[0]), OTHERS)
            self._named[key] = origins, self._widest(_named(origins, old, new, other))
        return self._named[key][1]

    def _widest(self, found: Who) -> Who:
        """Without the names that another one implies."""
        names = set(found.names)
        kept = [name for name in found.names if self.implied.get(name, _NONE).isdisjoint(names)]
        return found._replace(names=tuple(kept))


def _named(origins: list[bytes], old: Route, new: Route, other: str) -> Who:
    names: dict[str, None] = {}
    places: tuple[dict[Place, None], dict[Place, None]] = ({}, {})
    for origin in origins:
        before, after = _entry(old, origin), _entry(new, origin)
        found = after or before
        names[found[0] if found is not None else other] = None
        for entry, side in zip((before, after), places, strict=True):
            if entry is not None:
                side[entry[1]] = None
    return Who(tuple(names), (tuple(places[0]), tuple(places[1])))


def _entry(route: Route, origin: bytes) -> tuple[str, Place] | None:
    """The entry of a route's lists that matches an origin, and its place."""
    if route.hands_off:
        return None
    if route.amp is not None and origin in route.amp.publishers:
        return origin.decode("ascii"), route.amp.publishers[origin].rule or route.place
    rule = route.origins.find(origin) or route.origins.any or route.accept_from.find(origin)
    if rule is None:
        return None
    return ANY if rule.pattern.kind == "any" else rule.pattern.text, rule.place
