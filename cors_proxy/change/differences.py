"""What differs between two policies: every class of requests that they treat differently.

The requests come from `partition`, `judge` decides about each of them under both policies, and
`outcome` says what that means.  Routes that are equal are skipped, and two meetings of routes that
are alike but for the values of their lists are compared once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ..cors.decision import Decision
from ..cors.judge import judge
from ..cors.spec import RouteSpec
from ..partition import limits
from ..partition.cases import Case, cases
from ..partition.feeds import Representatives, with_lists
from ..partition.groups import Extra, Grouping, Groups, host_of
from ..partition.meaning import Meanings
from ..partition.meetings import Meeting, all_meetings
from ..partition.outcome import Outcome, Permission, outcome
from ..partition.side import Side
from ..policy.model import Policy

Observed = tuple[str, str]


class Difference(NamedTuple):
    """What a case may newly do, and no longer; `also` is what else differs, before and after."""

    case: Case
    gained: frozenset[Permission]
    lost: frozenset[Permission]
    also: tuple[frozenset[Observed], frozenset[Observed]]
    decisions: tuple[Decision, Decision]


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting of an old and a new route whose requests are treated differently."""

    meeting: Meeting
    groups: Groups
    old: RouteSpec
    new: RouteSpec
    differences: tuple[Difference, ...]


@dataclass(slots=True)
class Differences:
    """`meetings` are those with differences; `gave_up` says why some may be missing, or is ""."""

    old: Policy
    new: Policy
    meetings: list[Met] = field(default_factory=list)
    routes: dict[tuple[int, int], Meeting] = field(default_factory=dict)  # all that meet
    requests: int = 0
    gave_up: str = ""
    feeds: dict[str, str] = field(default_factory=dict)  # origins, and the feed each stands for


def find_differences(old: Policy, new: Policy) -> Differences:
    """Every meeting of routes, with the differences of each."""
    return _Comparing(old, new).run()


class _Comparing:
    def __init__(self, old: Policy, new: Policy) -> None:
        sides = (Side(old.spec, old.site), Side(new.spec, new.site))
        feeds = Representatives(sides)
        self.sides = (with_lists(sides[0], feeds.listed), with_lists(sides[1], feeds.listed))
        self.grouping = Grouping(self.sides, Extra())
        self.known: dict[tuple[object, ...], tuple[Difference, ...]] = {}
        self.meaning = Meanings()
        self.meanings: dict[tuple[int, int], object] = {}
        self.result = Differences(old, new, feeds=feeds.names)
        self.own = [
            None
            if side.spec.self_origins is None
            else frozenset(str(rule.pattern) for rule in side.spec.self_origins)
            for side in self.sides
        ]

    def run(self) -> Differences:
        try:
            for meeting in all_meetings(self.sides):
                first, second = meeting.matches
                self.result.routes.setdefault((first.route.index, second.route.index), meeting)
                if not self._equal(meeting):
                    self._compare(meeting)
        except limits.TooManyError as error:
            self.result.gave_up = str(error)
        return self.result

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

    def _compare(self, meeting: Meeting) -> None:
        old, new = (
            side.route_spec(found.route) for side, found in zip(self.sides, meeting.matches, strict=True)
        )
        groups = self.grouping.groups(meeting)
        key = (
            self.meaning.of(old, lists=False),
            self.meaning.of(new, lists=False),
            *(found.fault for found in meeting.matches),
            meeting.view,
            groups.key(),
        )
        if key not in self.known:
            self.known[key] = tuple(self._differences(meeting, groups))
        differences = self.known[key]
        if differences:
            self.result.meetings.append(Met(meeting, groups, old, new, differences))

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


def difference_of(sides: tuple[Side, Side], case: Case) -> Difference | None:
    """What differs about one request; None where nothing does."""
    judged = [judge(side.site, case.request) for side in sides]
    old, new = (
        outcome(side.site, case.request, judgement) for side, judgement in zip(sides, judged, strict=True)
    )
    if old == new:
        return None
    decisions = (judged[0].decision, judged[1].decision)
    return Difference(case, new.may - old.may, old.may - new.may, _also(old, new), decisions)


def _key(difference: Difference) -> tuple[object, ...]:
    case, request = difference.case, difference.case.request
    kind = (request.preflight, request.websocket, request.origin is None)
    equal = host_of(request.origin or b"") == request.host
    reasons = (decision.reason for decision in difference.decisions)
    return (kind, equal, case.method, case.origin, case.header, *difference[1:4], *reasons)


def _also(old: Outcome, new: Outcome) -> tuple[frozenset[Observed], frozenset[Observed]]:
    return old.also - new.also, new.also - old.also
