"""What differs between two policies: every class of requests that they treat differently.

The requests come from `partition`, `judge` decides about each of them under both policies, and
`outcome` says what that means.  Routes that are equal are skipped, and two meetings of routes that
are alike but for the values of their lists are compared once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..cors.spec import RouteSpec
from ..partition import limits
from ..partition.cases import cases
from ..partition.feeds import Listed, feed_rules, with_lists
from ..partition.groups import Extra, Grouping, Groups, host_of
from ..partition.listings import How, Listing, listings
from ..partition.meaning import Meanings
from ..partition.meetings import Meeting, all_meetings
from ..partition.representatives import Representatives
from ..partition.side import Side
from ..policy.model import Policy
from .difference import Difference, difference_of
from .unsaid import Seen


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting of an old and a new route whose requests are treated differently.

    `listed` are feeds: then `groups` has only what is new where they list its origins."""

    meeting: Meeting
    groups: Groups
    old: RouteSpec
    new: RouteSpec
    differences: tuple[Difference, ...]
    listed: tuple[str, ...] = ()


@dataclass(slots=True)
class Differences:
    """`meetings` are those with differences; `gave_up` says why some may be missing, or is ""."""

    old: Policy
    new: Policy
    meetings: list[Met] = field(default_factory=list)
    routes: dict[tuple[int, int], Meeting] = field(default_factory=dict)  # all that meet
    requests: int = 0
    sides: list[tuple[Side, Side]] = field(default_factory=list)  # with what the feeds list
    gave_up: str = ""
    feeds: dict[str, str] = field(default_factory=dict)  # origins, and the feeds each stands for
    listed: Mapping[str, How] = field(default_factory=dict)  # the same origins, and how feeds list them


def find_differences(old: Policy, new: Policy) -> Differences:
    """Every meeting of routes, with the differences of each."""
    return _Comparing(old, new).run()


class _Comparing:
    def __init__(self, old: Policy, new: Policy) -> None:
        self.original = (Side(old.spec, old.site), Side(new.spec, new.site))
        self.feeds = Representatives(self.original)
        self.result = Differences(old, new, feeds=self.feeds.names, listed=self.feeds.how)
        self.known: dict[tuple[object, ...], tuple[Difference, ...]] = {}
        self.meaning = Meanings()
        self.own = [
            None
            if side.spec.self_origins is None
            else frozenset(str(rule.pattern) for rule in side.spec.self_origins)
            for side in self.original
        ]
        self.sets: list[Listing] = []
        self.seen: dict[int, Seen] = {}  # of each meeting, where there are feeds

    def run(self) -> Differences:
        try:
            self.sets += listings(self.original)
            self.feeds.combine(self.original)
        except limits.TooManyError as error:
            self.result.gave_up = str(error)
        try:
            self._pass(self.feeds.listed)
            for listing in self.sets:
                self._pass(listing.listed, listing.how)
        except limits.TooManyError as error:
            self.result.gave_up = str(error)
        return self.result

    def _pass(self, listed: Listed, how: How | None = None) -> None:
        """All meetings; with `how`, where the feeds list the same origins as the policies."""
        one, other = self.original
        self.sides = (with_lists(one, listed), with_lists(other, listed))
        self.result.sides.append(self.sides)
        self.grouping = Grouping(self.sides, Extra())
        self.meanings: dict[tuple[int, int], object] = {}
        for number, meeting in enumerate(all_meetings(self.sides)):
            first, second = meeting.matches
            self.result.routes.setdefault((first.route.index, second.route.index), meeting)
            if not self._equal(meeting):
                seen = self.seen.setdefault(number, Seen()) if self.sets else None
                self._compare(meeting, seen, how)

    def _equal(self, meeting: Meeting) -> bool:
        """Whether there is nothing to compare: equal routes under equal settings of the site."""
        (old, new), (one, other) = meeting.matches, self.sides
        return (
            old.fault == new.fault
            and meeting.view[0] == meeting.view[1]
            and self.own[0] == self.own[1]
            and one.site.report_only == other.site.report_only
            and one.site.debug == other.site.debug
            and self._meaning(0, old.route.index) == self._meaning(1, new.route.index)
        )

    def _meaning(self, number: int, index: int) -> object:
        key = number, index
        if key not in self.meanings:
            self.meanings[key] = self.meaning.of(self.sides[number].route_specs[index])
        return self.meanings[key]

    def _compare(self, meeting: Meeting, seen: Seen | None, how: How | None) -> None:
        old, new = (
            side.route_spec(found.route) for side, found in zip(self.sides, meeting.matches, strict=True)
        )
        groups = self.grouping.groups(meeting)
        fresh = groups if seen is None else seen.fresh(meeting, groups)
        listed: tuple[str, ...] = ()
        if how is not None:
            # What no feed lists was looked at before
            how = self._of_routes(meeting, how)
            groups, listed = fresh, self.feeds.described(how)
            ambiguous = all(found.fault is not None for found in meeting.matches)
            if not how or ambiguous or not (groups.origins or groups.own):
                return
        key = (
            self.meaning.of(old, lists=False),
            self.meaning.of(new, lists=False),
            *(found.fault for found in meeting.matches),
            meeting.view,
            groups.key(),
            how is None,
        )
        if key not in self.known:
            self.known[key] = tuple(self._differences(meeting, groups))
        differences = self.known[key]
        if seen is not None and how is None:
            seen.note(meeting, differences, self.grouping, self.feeds)
        elif seen is not None and how is not None:
            differences = seen.unsaid(differences, how)
        if differences:
            self.result.meetings.append(Met(meeting, groups, old, new, differences, listed))

    def _of_routes(self, meeting: Meeting, how: How) -> How:
        """Those that the routes of a meeting ask."""
        specs = (
            side.route_specs[found.route.index]
            for side, found in zip(self.original, meeting.matches, strict=True)
        )
        urls = {rule.feed.url for spec in specs for rule in feed_rules(spec.cors)}
        return {url: by for url, by in how.items() if url in urls}

    def _differences(self, meeting: Meeting, groups: Groups) -> Iterator[Difference]:
        """The differences of a meeting, of equal ones the first."""
        seen = set()
        for case in cases(self.sides, meeting, groups):
            self.result.requests += 1
            if self.result.requests > limits.REQUESTS:
                raise limits.TooManyError(f"more than {limits.REQUESTS} requests to compare")
            difference = difference_of(self.sides, case)
            if difference is not None and (key := _key(difference)) not in seen:
                seen.add(key)
                yield difference


def _key(difference: Difference) -> tuple[object, ...]:
    case, request = difference.case, difference.case.request
    kind = (request.preflight, request.websocket, request.origin is None)
    equal = host_of(request.origin or b"") == request.host
    reasons = (decision.reason for decision in difference.decisions)
    return (kind, equal, case.method, case.origin, case.header, *difference[1:4], *reasons)
