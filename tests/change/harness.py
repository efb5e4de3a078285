"""The check of `diff`: random requests, judged under both policies.

Every request that is treated differently must be in a difference that was found: of the same
routes, origins, methods and headers, with the same abilities."""

from collections.abc import Iterator
from itertools import chain

from cors_proxy.change.differences import Difference, Differences, Met, difference_of, find_differences
from cors_proxy.cors import request_headers
from cors_proxy.cors.request import JudgedHeaders, Request
from cors_proxy.partition.cases import Case
from cors_proxy.partition.groups import Extra, Grouping
from cors_proxy.partition.meetings import Meeting, host_view
from cors_proxy.partition.outcome import Ability
from cors_proxy.partition.side import Side, match
from cors_proxy.policy.model import Policy
from tests.change.policies import Dice, Json, pair
from tests.change.requests import request


class Unreported(AssertionError):
    """A request is treated differently, and nothing says so."""


class Harness:
    def __init__(self, old: Policy, new: Policy) -> None:
        self.sides = (Side(old.spec, old.site), Side(new.spec, new.site))
        self.compared: Differences = find_differences(old, new)
        self.grouping = Grouping(self.sides, Extra())
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
        matches = tuple(match(side, asked) for side in self.sides)
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
        origin = None if asked.origin is None else self.grouping.origin_view(meeting, asked.origin)
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
                    or case.origin == origin
                    and case.method == named
                    and case.header in headers | {None}
                ):
                    yield difference


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
        for _ in range(requests):
            harness.check(request(dice))
    except Unreported as wrong:
        raise Unreported(f"seed {seed}: {wrong}\n{_text(first)}\n{_text(second)}") from None
    return harness.differing, harness.compared


def _text(policy: Json) -> str:
    import yaml

    return str(yaml.safe_dump(policy, sort_keys=False))
