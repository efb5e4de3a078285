"""Feeds of origins: lists that the proxy fetches while a policy is in force.

A list is replaced as a whole (`site.Site.put`).  It can hold 100,000 origins, so it has no grant of
each: `site.Route` makes a grant when an origin asks, and the cache keeps the decision."""

from typing import Final

from .hosts import is_loopback
from .origins import OriginSet
from .pattern import Pattern, parse_pattern
from .place import Place
from .spec import OriginFeed, OriginRule

_NOWHERE: Final = Place("", 0, 0)


class FeedList:
    """What one answer of a feed held.  `add` is for the code that reads it; afterwards it is only
    read."""

    __slots__ = ("exact", "patterns", "wildcards")

    def __init__(self) -> None:
        self.exact: set[bytes] = set()
        self.patterns: list[str] = []
        self.wildcards = OriginSet(())

    def add(self, entry: bytes) -> None:
        """An entry that `fault` found nothing wrong with."""
        if b"*" not in entry:
            self.exact.add(entry)
        else:
            pattern = parse_pattern(entry.decode("ascii"))
            self.patterns.append(pattern.text)
            self.wildcards.add(OriginRule(pattern, _NOWHERE))

    def names(self, origin: bytes) -> bool:
        """Whether the list allows an Origin as it was sent."""
        return origin in self.exact or self.wildcards.find_wildcard(origin) is not None

    def same(self, other: "FeedList") -> bool:
        """Whether both allow the same."""
        return self.exact == other.exact and self.patterns == other.patterns

    def __len__(self) -> int:
        return len(self.exact) + len(self.patterns)


def fault(feed: OriginFeed, pattern: Pattern) -> str:
    """Why a list of this feed must not hold a pattern, "" if it may.

    The same as `check` refuses in a list of the policy.  A public suffix is for the caller to
    find."""
    if pattern.kind in ("any", "null"):
        return f"{pattern.text} is not allowed in a feed"
    if pattern.kind != "exact" and not feed.patterns:
        return "a pattern, and the feed has no patterns: true"
    if pattern.kind == "scheme" and not feed.every_extension:
        return "every extension of a browser, with credentials"
    plain = pattern.scheme == b"http" and not is_loopback(pattern.host.decode("ascii"))
    if plain and not feed.insecure_origins:
        return "an http origin, with credentials"
    return ""


class FeedSlot:
    """Where a site has the list of a feed that is in force."""

    __slots__ = ("current", "known")

    def __init__(self) -> None:
        self.current = FeedList()
        self.known = False  # whether the list was ever put there; `check` and `explain` ask no feed


Listed = tuple[FeedSlot, Place]  # and the line of the policy that names the feed


def find(feeds: tuple[Listed, ...], origin: bytes) -> Place | None:
    """The line of the first feed that allows an Origin."""
    for slot, place in feeds:
        if slot.current.names(origin):
            return place
    return None
