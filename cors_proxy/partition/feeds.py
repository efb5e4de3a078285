"""Feeds of origins as lists of a policy: what a feed sends is not known when a policy is read.

Two policies with one feed get the same list from it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ..cors.compile import compile_site
from ..cors.pattern import Pattern
from ..cors.spec import CorsSpec, FeedRule, OriginFeed, OriginRule, RouteSpec
from .side import Side

Listed = Callable[[OriginFeed], Sequence[Pattern]]
_Lists = tuple[tuple[OriginRule, ...], tuple[OriginRule, ...]]


def nothing(feed: OriginFeed) -> Sequence[Pattern]:
    """A feed before its first answer."""
    return ()


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
