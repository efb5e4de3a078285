"""Proves assertions about a policy: each holds for every request, or there is a counter-example.

Every request stands for a class that all decisions and all assertions treat alike, so that what
holds for these holds for all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..cors.decision import Decision
from ..cors.judge import judge
from ..cors.site import Site
from ..cors.spec import SiteSpec
from .assertion import Assertion, Checker
from .cases import Case, cases
from .feeds import nothing, with_lists
from .groups import Extra, Grouping, Groups
from .limits import TooManyError
from .listings import listings
from .meaning import Meanings
from .meetings import Meeting, all_meetings
from .outcome import outcome
from .side import Side


@dataclass(frozen=True, slots=True)
class Proof:
    """`counter_example` is a request for which the assertion does not hold; None where it holds.

    `decision` is what the policy says about it.  `gave_up` says why nothing was proved, or is
    ""."""

    assertion: Assertion
    counter_example: Case | None = None
    decision: Decision | None = None
    gave_up: str = ""

    @property
    def holds(self) -> bool:
        return self.counter_example is None and not self.gave_up


def prove(spec: SiteSpec, site: Site, assertions: Sequence[Assertion]) -> list[Proof]:
    """A proof for each assertion, in their order: one that holds does whatever the feeds list."""
    if not assertions:
        return []
    side = Side(spec, site)
    unlisted = with_lists(side, nothing)
    proofs = _Proving(unlisted, assertions).run()
    if unlisted is side:  # no feeds
        return proofs
    extra = [rule for each in assertions for rule in each.origins]
    hosts = [host for each in assertions for route in each.routes() for host in route.hosts or ()]
    try:
        for listing in listings([side], extra, hosts):
            others = _Proving(with_lists(side, listing.listed), assertions).run()
            proofs = [other if proof.holds else proof for proof, other in zip(proofs, others, strict=True)]
    except TooManyError as error:
        return [replace(proof, gave_up=str(error)) if proof.holds else proof for proof in proofs]
    return proofs


class _Proving:
    def __init__(self, side: Side, assertions: Sequence[Assertion]) -> None:
        self.side, self.assertions = side, assertions
        self.checkers = [Checker(assertion) for assertion in assertions]
        self.broken: dict[int, Proof] = {}
        self.routes = [route for assertion in assertions for route in assertion.routes()]
        extra = Extra(
            origins=tuple(checker.origins for checker in self.checkers),
            rules=tuple(rule for assertion in assertions for rule in assertion.origins),
            methods=tuple(checker.methods for checker in self.checkers if checker.methods is not None),
            headers=tuple(checker.headers for checker in self.checkers),
            hosts=tuple(route.hosts for route in self.routes),
        )
        self.grouping = Grouping((side,), extra)
        self.meanings = Meanings()

    def run(self) -> list[Proof]:
        known: set[tuple[object, ...]] = set()
        gave_up = ""
        try:
            for meeting in all_meetings((self.side,), self.routes):
                groups = self.grouping.groups(meeting)
                (found,) = meeting.matches
                meaning = self.meanings.of(self.side.route_spec(found.route), lists=False)
                key = (meaning, found.fault, meeting.view, meeting.extra, groups.key())
                if key not in known:
                    known.add(key)
                    self._look(meeting, groups)
        except TooManyError as error:
            gave_up = str(error)
        return [
            self.broken.get(number) or Proof(assertion, gave_up=gave_up)
            for number, assertion in enumerate(self.assertions)
        ]

    def _look(self, meeting: Meeting, groups: Groups) -> None:
        for case in cases((self.side,), meeting, groups):
            judgement = judge(self.side.site, case.request)
            found = outcome(self.side.site, case.request, judgement)
            for number, checker in enumerate(self.checkers):
                if number not in self.broken and checker.broken(case.request, judgement, found):
                    self.broken[number] = Proof(self.assertions[number], case, judgement.decision)
