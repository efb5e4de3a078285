"""Origins that no policy names, in the place of what feeds list: one for each feed, and one for
each set of feeds that can list the same origin."""

from collections.abc import Sequence
from itertools import product

from ..cors.pattern import Pattern, parse_pattern
from ..cors.spec import OriginFeed
from .feeds import feed_rules
from .listings import How, feeds_that_meet, vary
from .side import Side


class Representatives:
    """`names` says which feeds each origin stands for, and `how` how these list it."""

    def __init__(self, sides: Sequence[Side]) -> None:
        self.names: dict[str, str] = {}
        self.how: dict[str, How] = {}
        self._numbers: dict[str, int] = {}
        self._texts: dict[str, str] = {}
        for side in sides:
            for route in side.route_specs:
                for rule in feed_rules(route.cors):
                    number = self._numbers.setdefault(rule.feed.url, len(self._numbers) + 1)
                    self._texts[rule.feed.url] = str(rule.feed)
                    self._add({rule.feed.url: False}, f"feed-{number}")
                    if rule.feed.patterns:
                        self._add({rule.feed.url: True}, f"pattern-of-feed-{number}")

    def combine(self, sides: Sequence[Side]) -> None:
        """Adds those that stand for several feeds.

        Raises TooManyError."""
        wide = vary(sides)
        for urls in feeds_that_meet(sides):
            ordered = sorted(urls, key=self._number)
            choices = ((None, False, *([True] if url in wide else [])) for url in ordered)
            for chosen in product(*choices):
                how = {url: by for url, by in zip(ordered, chosen, strict=True) if by is not None}
                if len(how) > 1:
                    parts = [f"{'pattern-of-' * by}feed-{self._numbers[url]}" for url, by in how.items()]
                    self._add(how, "-and-".join(parts))

    def listed(self, feed: OriginFeed) -> Sequence[Pattern]:
        return [
            parse_pattern(origin)
            for origin, how in self.how.items()
            if feed.url in how and (feed.patterns or not how[feed.url])
        ]

    def described(self, how: How) -> tuple[str, ...]:
        """The feeds, without secrets in their URLs."""
        return tuple(self._texts[url] for url in how)

    def _number(self, url: str) -> int:
        return self._numbers[url]

    def _add(self, how: How, label: str) -> None:
        origin = f"https://{label}.invalid"
        self.how[origin] = how
        self.names[origin] = " and ".join(self.described(how))
