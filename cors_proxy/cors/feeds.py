"""Feeds of origins: lists that the proxy fetches while a policy is in force.

A list is replaced as a whole (`site.Site.put`).  It can hold 100,000 origins, so it has no grant of
each: `site.Route` makes a grant when an origin asks, and the cache keeps the decision."""

from typing import Final

from .hosts import is_loopback
from .origin import parse_origin
from .pattern import Pattern
from .place import Place
from .spec import OriginFeed

_LABEL: Final = b"abcdefghijklmnopqrstuvwxyz0123456789-"  # what a star inside a label stands for


class FeedList:
    """What one answer of a feed held.  `add` is for the code that reads it; afterwards it is only
    read.

    Sets of bytes alone: the garbage collector does not look into them, so that 100,000 patterns do
    not hold the loop up, as 100,000 rules of an `OriginSet` would."""

    __slots__ = ("_shapes", "exact", "patterns")

    def __init__(self) -> None:
        self.exact: set[bytes] = set()
        # Apart: a client can send the text of a pattern as its Origin
        self.patterns: set[bytes] = set()
        # How many characters a label has before and behind its star, in `https://pr-*.example.com`
        self._shapes: set[tuple[int, int]] = set()

    def add(self, entry: bytes) -> None:
        """An entry that `fault` found nothing wrong with."""
        if b"*" not in entry:
            self.exact.add(entry)
            return
        self.patterns.add(entry)
        label, dot, _ = entry.partition(b"://")[2].partition(b".")
        before, star, after = label.partition(b"*")
        if dot and star and (before or after):
            self._shapes.add((len(before), len(after)))

    def names(self, origin: bytes) -> bool:
        """Whether the list allows an Origin as it was sent."""
        return origin in self.exact or (bool(self.patterns) and self._matches(origin))

    def _matches(self, raw: bytes) -> bool:
        """Whether one of the patterns that could match an Origin is there: the same meaning as in
        `OriginSet`."""
        origin = parse_origin(raw)
        if origin is None:
            return False
        scheme, host, port = origin
        patterns = self.patterns
        if b"%b://%b:*" % (scheme, host) in patterns:
            return True
        # An extension's host is a name of its own
        if port is None and host and host[:1] != b"[" and b"%b://*" % scheme in patterns:
            return True
        ends = (b":*", b"" if port is None else b":%d" % port)
        label, dot, domain = host.partition(b".")
        if dot:
            for before, after in self._shapes:
                stop = len(label) - after
                if before < stop and not label[before:stop].translate(None, _LABEL):
                    first = b"%b://%b*%b.%b" % (scheme, label[:before], label[stop:], domain)
                    if first + ends[0] in patterns or first + ends[1] in patterns:
                        return True
        while dot:
            below = b"%b://*.%b" % (scheme, domain)
            if below + ends[0] in patterns or below + ends[1] in patterns:
                return True
            _, dot, domain = domain.partition(b".")
        return False

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
