"""The check of `diff`: random requests, judged under both policies.

Every request that is treated differently must be in a difference that was found: of the same
routes, origins, methods and headers, with the same abilities.  The witness of every finding must
show it, and a setting that differs must be named."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from cors_proxy.change.difference import Difference, difference_of
from cors_proxy.change.differences import Differences, Met, find_differences
from cors_proxy.change.findings import Finding, Level, findings_of
from cors_proxy.change.settings import settings_of
from cors_proxy.cors import request_headers
from cors_proxy.cors.feeds import FeedList, fault
from cors_proxy.cors.origins import OriginSet
from cors_proxy.cors.pattern import Pattern, parse_pattern
from cors_proxy.cors.place import Place
from cors_proxy.cors.request import JudgedHeaders, Request, read
from cors_proxy.cors.spec import OriginFeed, OriginRule
from cors_proxy.partition.cases import Case, cases
from cors_proxy.partition.feeds import with_lists
from cors_proxy.partition.groups import Extra, Grouping
from cors_proxy.partition.meetings import Meeting, host_view
from cors_proxy.partition.outcome import Ability
from cors_proxy.partition.representatives import Representatives
from cors_proxy.partition.side import Side, match
from cors_proxy.policy.model import Policy
from tests.change.policies import FEEDS, SETTINGS, Dice, Json, pair, setting
from tests.change.requests import request


class Unreported(AssertionError):
    """A request is treated differently, and nothing says so."""


class Unshown(AssertionError):
    """Something is reported that no request shows."""


class Harness:
    def __init__(self, old: Policy, new: Policy) -> None:
        self.sides = (Side(old.spec, old.site), Side(new.spec, new.site))
        self.compared: Differences = find_differences(old, new)
        # With what the feeds send
        self.listed = (with_lists(self.sides[0], patterns), with_lists(self.sides[1], patterns))
        self.grouping = Grouping(self.listed, Extra())
        self.feeds = Representatives(self.sides)
        self.feeds.combine(self.sides)
        self.represented = (
            with_lists(self.sides[0], self.feeds.listed),
            with_lists(self.sides[1], self.feeds.listed),
        )
        self.by_representatives = Grouping(self.represented, Extra())
        for side in self.sides:
            for feed in side.site.feeds:
                side.site.put(feed, sent(feed))
        self.met: dict[tuple[object, ...], list[Met]] = {}
        for met in self.compared.meetings:
            self.met.setdefault(self._key(met.meeting), []).append(met)
        self.differing = 0

    @staticmethod
    def _key(meeting: Meeting) -> tuple[object, ...]:
        return *((each.route.index, each.fault) for each in meeting.matches), meeting.view

    def check(self, asked: Request) -> None:
        difference = difference_of(self.sides, Case(asked, (), ()))
        if difference is None:
            return
        self.differing += 1
        matches = tuple(match(side, asked) for side in self.listed)
        method = (asked.acrm or b"") if asked.preflight else asked.method
        meeting = Meeting(matches, asked.path, asked.host, (method,), host_view(self.sides, asked.host))
        found = list(self._candidates(meeting, asked, method))
        if not found:
            raise Unreported(
                f"nothing is reported of these routes, origins and methods: {_show(asked, difference)}"
            )
        for name in ("gained", "lost"):
            missing = getattr(difference, name) - frozenset(
                chain.from_iterable(getattr(each, name) for each in found)
            )
            if missing and asked.acrh:
                # A header that is newly allowed makes the whole preflight pass, also where it asks
                # for a private network.  That ability is new only if it is without the header.
                alone = difference_of(self.sides, Case(_without_headers(asked), (), ()))
                network = frozenset({(Ability.PRIVATE_NETWORK, "")})
                missing -= network if alone is None else network - getattr(alone, name)
            if missing:
                raise Unreported(f"not reported as {name}: {missing}: {_show(asked, difference)}")

    def _candidates(self, meeting: Meeting, asked: Request, method: bytes) -> Iterator[Difference]:
        origins: set[object] = {None}
        if asked.origin is not None:
            origins = {self.grouping.origin_view(meeting, asked.origin)}
            origins |= self._said_of_feeds(asked, asked.origin, meeting)
        named = self.grouping.method_view(meeting, method)
        names = request_headers.parse(asked.acrh)
        headers = (
            {("malformed",)}
            if names is None
            else {None, *(self.grouping.header_view(meeting, name) for name in names)}
        )
        anyway = asked.fault is not None or all(each.fault is not None for each in meeting.matches)
        anyway = anyway or not any(allowed for allowed, _ in meeting.view)
        for met in self.met.get(self._key(meeting), ()):
            for difference in met.differences:
                case = difference.case
                if case.request.preflight is not asked.preflight:
                    continue
                if (
                    anyway
                    or case.origin in origins
                    and case.method == named
                    and case.header in headers | {None}
                ):
                    yield difference

    def _said_of_feeds(self, asked: Request, origin: bytes, meeting: Meeting) -> set[object]:
        """How the routes see the origins that stand for the feeds which list this one."""
        listing = {url for url in FEEDS if any(_matches(entry, origin) for entry in FEEDS[url])}
        if not listing:
            return set()
        matches = tuple(match(side, asked) for side in self.represented)
        represented = replace(meeting, matches=matches)
        found: set[object] = set()
        for name, how in self.feeds.how.items():
            if all(url in listing and self._lists(url, by, origin) for url, by in how.items()):
                found.add(self.by_representatives.origin_view(represented, name.encode("ascii")))
        return found

    @staticmethod
    def _lists(url: str, by_pattern: bool, origin: bytes) -> bool:
        """Whether a feed lists an origin by itself, or only by a pattern."""
        return by_pattern is not any(_matches(entry, origin) for entry in FEEDS[url] if "*" not in entry)

    def check_findings(self, dice: Dice, first: Json, second: Json) -> None:
        """That a witness shows each finding, and that meetings which share their differences have
        the same."""
        for finding in findings_of(self.compared):
            self._check_witness(finding)
        shared = [met for met in self.compared.meetings if not met.listed and met.meeting.path != _path(met)]
        for met in dice.sample(shared, min(3, len(shared))):
            found = {
                _what(difference)
                for case in cases(self.compared.sides[0], met.meeting, met.groups)
                if (difference := difference_of(self.compared.sides[0], case)) is not None
            }
            if found != set(map(_what, met.differences)):
                raise Unshown(
                    f"not the differences of {met.meeting}: {found ^ set(map(_what, met.differences))}"
                )
        named = {found.key for found in settings_of(self.compared)}
        for key in SETTINGS:
            if setting(first, key) != setting(second, key) and not any(
                each == key or each.startswith(f"{key}.") or each == key.partition(".")[0] for each in named
            ):
                raise Unreported(f"{key} differs, and the settings are {named}")

    def _check_witness(self, finding: Finding) -> None:
        witness = finding.witness
        if witness is None:
            raise Unshown(f"no witness: {finding}")
        asked = witness.case.request
        again = read(asked.method, asked.target, witness.case.lines)
        # What the feeds list is not known: one of their lists must show it
        each = (difference_of(sides, Case(again, (), ())) for sides in self.compared.sides)
        same = (found for found in each if found is not None and found[1:3] == witness[1:3])
        shown = next(same, None)
        if shown is None:
            raise Unshown(f"the witness does not show it: {finding}")
        if finding.level is Level.OTHER:
            return
        may = {ability for ability, _ in (shown.gained if finding.level.opens else shown.lost)}
        # The first part is the one that lets in the most
        if finding.parts[0].ability not in may:
            raise Unshown(f"the witness shows only {may}: {finding}")


def sent(feed: OriginFeed) -> FeedList:
    """What a feed of the random policies sends."""
    found = FeedList()
    for pattern in patterns(feed):
        found.add(pattern.text.encode("ascii"))
    return found


def patterns(feed: OriginFeed) -> list[Pattern]:
    """The same as patterns."""
    return [pattern for entry in FEEDS[feed.url] if not fault(feed, pattern := parse_pattern(entry))]


def _matches(entry: str, origin: bytes) -> bool:
    return OriginSet([OriginRule(parse_pattern(entry), Place("", 0, 0))]).find(origin) is not None


def _path(met: Met) -> bytes:
    return met.differences[0].case.request.path


def _what(difference: Difference) -> tuple[object, ...]:
    case = difference.case
    return case.method, case.origin, case.header, difference.gained, difference.lost


def _without_headers(asked: Request) -> Request:
    return Request(asked.method, asked.target, asked.judged._replace(acrh=()))


def _show(asked: Request, difference: Difference) -> str:
    judged = asked.judged._asdict()
    set_ = {name: value for name, value in judged.items() if value != JudgedHeaders._field_defaults.get(name)}
    return (
        f"{asked.method!r} {asked.target!r} {set_}\n gained {difference.gained}\n lost {difference.lost}\n"
        f" also {difference.also}\n decisions {[each.reason for each in difference.decisions]}"
    )


def run(seed: int, requests: int) -> tuple[int, Differences]:
    """One pair of policies.  Returns how many requests were treated differently."""
    dice = Dice(seed)
    first, second, old, new = pair(dice)
    harness = Harness(old, new)
    assert not harness.compared.gave_up
    try:
        harness.check_findings(dice, first, second)
        for _ in range(requests):
            harness.check(request(dice))
    except (Unreported, Unshown) as wrong:
        raise type(wrong)(f"seed {seed}: {wrong}\n{_text(first)}\n{_text(second)}") from None
    return harness.differing, harness.compared


def _text(policy: Json) -> str:
    import yaml

    return str(yaml.safe_dump(policy, sort_keys=False))
