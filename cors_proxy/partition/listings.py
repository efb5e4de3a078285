"""Which of the policies' feeds list an origin.

A decision depends on the feeds only by which of them list the request's origin.  So each set of
feeds is tried: those of the set list every origin that the policies tell apart, and the others list
none.  Only feeds that can meet in one request are combined: feeds of different routes are in the
same sets."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from ..cors import feeds
from ..cors.pattern import Pattern, PatternError, parse_pattern
from ..cors.spec import FeedRule, OriginFeed, OriginRule
from . import limits
from .feeds import feed_rules
from .hosts import host_candidates, origin_patterns
from .meetings import all_meetings
from .origins import origin_candidates
from .side import Side, origin_rules

How = Mapping[str, bool]  # URLs of the feeds that list an origin; whether only a pattern does
_SCHEMES: Final = ("https", "http")


@dataclass(frozen=True, slots=True)
class Listing:
    """A set of feeds, all of which list the same origins."""

    how: How
    origins: Sequence[Pattern]

    def listed(self, feed: OriginFeed) -> Sequence[Pattern]:
        if feed.url not in self.how:
            return ()
        by_pattern = self.how[feed.url]
        return [origin for origin in self.origins if may_list(feed, origin, by_pattern)]


def may_list(feed: OriginFeed, origin: Pattern, by_pattern: bool) -> bool:
    """Whether a feed may list an exact origin, or a pattern that matches it."""
    if by_pattern and not feed.patterns:
        return False
    extension = origin.scheme not in (b"http", b"https")
    if by_pattern and extension and not feed.every_extension:
        return False
    return not feeds.fault(feed, origin)


def listings(
    sides: Sequence[Side], extra: Iterable[OriginRule] = (), hosts: Iterable[str] = ()
) -> Iterator[Listing]:
    """Every set of feeds but the empty one, the small ones first.

    `extra` and `hosts` are told apart although no policy names them.

    Raises TooManyError."""
    together = feeds_that_meet(sides)
    if not together:
        return
    colours = _colours(together)
    wide = {colours[url] for url in vary(sides)}
    choices = [(None, False, *([True] if colour in wide else [])) for colour in range(_count(colours))]
    number = 1
    for each in choices:
        number *= len(each)
    if number > limits.LISTINGS:
        raise limits.TooManyError(f"more than {limits.LISTINGS} sets of feeds that can list one origin")
    origins = _told_apart(sides, extra, hosts)
    if len(origins) * _lists_with_feeds(sides) > limits.LISTED:
        raise limits.TooManyError(f"more than {limits.LISTED} origins in all lists that have a feed")
    for chosen in sorted(product(*choices), key=lambda each: len(each) - each.count(None)):
        how = {url: by for url, colour in colours.items() if (by := chosen[colour]) is not None}
        if how:
            yield Listing(how, origins)


def _lists_with_feeds(sides: Iterable[Side]) -> int:
    """How many there are.  Routes that inherit a list share it."""
    found = set()
    for side in sides:
        for cors in (spec.cors for spec in side.route_specs):
            if cors is not None and cors.origin_feeds:
                found.add((id(cors.origins), cors.origin_feeds))
            if cors is not None and cors.accept_feeds:
                found.add((id(cors.accept_from), cors.accept_feeds))
    return len(found)


def feeds_that_meet(sides: Sequence[Side]) -> list[frozenset[str]]:
    """The URLs of the feeds that one request can lead to, without those that are part of another
    set.

    Raises TooManyError."""
    of_routes = [[_urls(feed_rules(spec.cors)) for spec in side.route_specs] for side in sides]
    everything = [urls for side in of_routes for urls in side if urls]
    if len(frozenset().union(*everything)) > 1 and len(sides) > 1:
        found = {
            frozenset().union(
                *(side[each.route.index] for side, each in zip(of_routes, meeting.matches, strict=True))
            )
            for meeting in all_meetings(sides)
        }
    else:
        found = set(everything)
    kept = [urls for urls in found if urls and not any(urls < other for other in found)]
    return sorted(kept, key=sorted)


def _urls(rules: Iterable[FeedRule]) -> frozenset[str]:
    return frozenset(rule.feed.url for rule in rules)


def _colours(together: Iterable[Collection[str]]) -> dict[str, int]:
    """A number for each URL: feeds that meet have different ones."""
    beside: dict[str, set[str]] = {}
    for urls in together:
        for url in sorted(urls):
            beside.setdefault(url, set()).update(urls)
    found: dict[str, int] = {}
    for url, others in beside.items():
        taken = {found[other] for other in others if other in found}
        found[url] = next(number for number in range(len(beside)) if number not in taken)
    return found


def _count(colours: Mapping[str, int]) -> int:
    return max(colours.values()) + 1


def vary(sides: Iterable[Side]) -> set[str]:
    """URLs of feeds that may hold patterns in one list, and something else in another."""
    known: dict[str, set[OriginFeed]] = {}
    for side in sides:
        for spec in side.route_specs:
            for rule in feed_rules(spec.cors):
                known.setdefault(rule.feed.url, set()).add(rule.feed)
    return {url for url, found in known.items() if len(found) > 1 and any(each.patterns for each in found)}


def _told_apart(sides: Sequence[Side], extra: Iterable[OriginRule], hosts: Iterable[str]) -> list[Pattern]:
    """Every origin that the policies and the extra rules tell apart, and each own one."""
    specs = [spec for side in sides for spec in side.route_specs]
    rules = {id(each): each for spec in specs for each in origin_rules(spec)}
    patterns = [rule.pattern for each in (*rules.values(), tuple(extra)) for rule in each]
    patterns += [rule.pattern for side in sides for rule in side.spec.self_origins or ()]
    entries = [*hosts, *(host for side in sides for host in side.spec.hosts or ())]
    entries += [host for spec in specs for host in spec.hosts or ()]
    entries = list(dict.fromkeys(entries))
    texts = [origin.decode("ascii") for origin in origin_candidates((*patterns, *origin_patterns(entries)))]
    for side in sides:
        for route in (*side.site.routes, side.site.default):
            if route.amp is not None:
                texts += [origin.decode("ascii") for origin in route.amp.publishers]
    texts += [
        f"{scheme}://{host.decode('ascii')}" for host in host_candidates(entries) for scheme in _SCHEMES
    ]
    found = []
    for text in dict.fromkeys(texts):
        try:
            pattern = parse_pattern(text)
        except PatternError:
            continue  # it is malformed on purpose
        if pattern.kind == "exact":
            found.append(pattern)
    return found
