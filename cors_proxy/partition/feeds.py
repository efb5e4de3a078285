"""Feeds of origins as lists of a policy: what a feed sends is not known when a policy is read.

Two policies with one feed get the same list from it, so one origin stands for all that it may
send.  What must hold for every list is tried with the two extremes: nothing, and everything."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ..cors import feeds
from ..cors.compile import compile_site
from ..cors.pattern import Pattern, PatternError, parse_pattern
from ..cors.spec import CorsSpec, FeedRule, OriginFeed, OriginRule, RouteSpec
from .origins import origin_candidates
from .side import Side

Listed = Callable[[OriginFeed], Sequence[Pattern]]
_Lists = tuple[tuple[OriginRule, ...], tuple[OriginRule, ...]]


def nothing(feed: OriginFeed) -> Sequence[Pattern]:
    """A feed before its first answer."""
    return ()


def everything(rules: Iterable[OriginRule]) -> Listed:
    """A feed that sends each origin that these rules tell apart, as far as it may.

    Raises TooManyError."""
    patterns = []
    for origin in origin_candidates(rule.pattern for rule in rules):
        try:
            patterns.append(parse_pattern(origin.decode("ascii")))
        except PatternError:
            continue  # it is malformed on purpose
    return lambda feed: [pattern for pattern in patterns if not feeds.fault(feed, pattern)]


class Representatives:
    """An origin for each feed, and one for what its patterns match.  `names` says which feed each
    stands for."""

    def __init__(self, sides: Iterable[Side]) -> None:
        self.names: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        for side in sides:
            for route in side.route_specs:
                for rule in feed_rules(route.cors):
                    number = self._numbers.setdefault(rule.feed.url, len(self._numbers) + 1)
                    self.names[f"https://feed-{number}.invalid"] = str(rule.feed)
                    if rule.feed.patterns:
                        self.names[f"https://pattern-of-feed-{number}.invalid"] = str(rule.feed)

    def listed(self, feed: OriginFeed) -> Sequence[Pattern]:
        number = self._numbers[feed.url]
        origins = [f"https://feed-{number}.invalid"]
        if feed.patterns:
            origins.append(f"https://pattern-of-feed-{number}.invalid")
        return [parse_pattern(origin) for origin in origins]


def feed_rules(cors: CorsSpec | None) -> tuple[FeedRule, ...]:
    """The feeds of a route."""
    return () if cors is None else (*cors.origin_feeds, *cors.accept_feeds)


def with_lists(side: Side, listed: Listed) -> Side:
    """The policy with what its feeds list in the place of its feeds."""
    if not any(feed_rules(route.cors) for route in side.route_specs):
        return side
    # Thousands of routes may inherit one list: they go on sharing it
    known: dict[tuple[object, ...], _Lists] = {}

    def of(route: RouteSpec) -> RouteSpec:
        cors = route.cors
        if cors is None or not feed_rules(cors):
            return route
        key = (id(cors.origins), id(cors.accept_from), cors.origin_feeds, cors.accept_feeds)
        if key not in known:
            known[key] = (
                (*cors.origins, *_rules(cors.origin_feeds, listed)),
                (*cors.accept_from, *_rules(cors.accept_feeds, listed)),
            )
        origins, accept_from = known[key]
        changed = replace(cors, origins=origins, accept_from=accept_from, origin_feeds=(), accept_feeds=())
        return replace(route, cors=changed)

    spec = replace(side.spec, routes=tuple(map(of, side.spec.routes)), default=of(side.spec.default))
    return Side(spec, compile_site(spec))


def _rules(rules: Iterable[FeedRule], listed: Listed) -> list[OriginRule]:
    return [OriginRule(pattern, rule.place) for rule in rules for pattern in listed(rule.feed)]
