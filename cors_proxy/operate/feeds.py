"""Feeds of origins: asks for their lists, for all workers, and keeps the last valid one of each.

A list is in force until the next valid one, at most for `stale`; then the list is empty.  No
request ever waits for a feed.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, Final

from ..cors.feeds import FeedList
from ..cors.spec import FeedRule, OriginFeed, SiteSpec
from ..policy.feed_list import FeedError, ListError, check_suffixes, read_list
from ..policy.model import Policy
from .events import Events
from .pieces import in_pieces

if TYPE_CHECKING:
    from .feed_client import FeedClient

FIRST_PAUSE: Final = 1.0  # seconds after the first failure; then twice as long each time
FAILED, REJECTED = "failed", "rejected"


class RequiredFeedError(Exception):
    """A feed with `required: true` has no valid list."""


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """For metrics.  `age` is in seconds: since the last valid answer, or else since the start."""

    name: str
    entries: int
    age: float
    ok: bool  # the last attempt did not fail
    failures: dict[str, int]  # by reason: `failed`, `rejected`


@dataclass(slots=True, eq=False)
class _State:
    rule: FeedRule
    started: float
    origins: FeedList = field(default_factory=FeedList)
    etag: str = ""
    answered: float | None = None  # when the last valid answer came
    failed_in_a_row: int = 0
    why: str = ""  # the last failure
    failures: Counter[str] = field(default_factory=lambda: Counter({FAILED: 0, REJECTED: 0}))
    task: asyncio.Task[None] | None = None

    @property
    def expiry(self) -> float:
        """When the list is too old, by the monotonic clock."""
        if self.answered is None or not self.rule.stale or not len(self.origins):
            return math.inf
        return self.answered + self.rule.stale

    @property
    def pause(self) -> float:
        """Until the next attempt."""
        if not self.failed_in_a_row:
            return self.rule.every
        return float(min(self.rule.every, FIRST_PAUSE * 2 ** min(self.failed_in_a_row - 1, 20)))


class Feeds:
    """The feeds of the policy in force.  `deliver` hands a list to what serves the traffic."""

    def __init__(
        self,
        deliver: Callable[[OriginFeed, FeedList], Awaitable[None]],
        events: Events,
        client: "FeedClient | None" = None,
    ) -> None:
        self._deliver = deliver
        self._events = events
        self._client = client
        self._policy: Policy | None = None
        self._states: dict[OriginFeed, _State] = {}
        self._reading = asyncio.Lock()  # one list at a time: each would hold the loop for a piece

    async def prepare(self, policy: Policy) -> None:
        """Ask the feeds that are new in a policy.  Raises `RequiredFeedError`.

        The policy in force keeps its lists.
        """
        self._forget(lambda state: state.task is None)  # of a policy that was not put in force
        rules = feed_rules(policy.spec)
        new = {feed: rule for feed, rule in rules.items() if feed not in self._states}
        for feed, rule in new.items():
            self._states[feed] = _State(rule, monotonic())
        await asyncio.gather(*(self._ask(self._states[feed]) for feed in new))
        for feed, rule in rules.items():
            state = self._states[feed]
            if rule.required and state.answered is None:
                raise RequiredFeedError(
                    f"the feed {feed} ({rule.place}) is required, and has no valid list: {state.why}"
                )

    def commit(self, policy: Policy) -> None:
        """The policy is in force: keep its feeds up to date, and forget the others."""
        rules = feed_rules(policy.spec)
        self._forget(lambda state: state.rule.feed not in rules)
        self._policy = policy
        for feed, rule in rules.items():
            state = self._states[feed]
            policy.site.put(feed, state.origins)
            if state.task is None or _settings(state.rule) != _settings(rule):
                if state.task is not None:
                    state.task.cancel()
                state.task = asyncio.create_task(self._keep(state))
            state.rule = rule

    def status(self) -> list[FeedStatus]:
        """One for each URL, as it is shown: routes may read one list by different rules."""
        found: dict[str, FeedStatus] = {}
        for feed, state in self._states.items():
            since = state.started if state.answered is None else state.answered
            status = FeedStatus(
                str(feed),
                len(state.origins),
                monotonic() - since,
                not state.failed_in_a_row,
                dict(state.failures),
            )
            other = found.get(status.name)
            found[status.name] = status if other is None else _worse(status, other)
        return list(found.values())

    async def close(self) -> None:
        tasks = [state.task for state in self._states.values() if state.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _forget(self, which: Callable[[_State], bool]) -> None:
        for feed, state in list(self._states.items()):
            if which(state):
                if state.task is not None:
                    state.task.cancel()
                del self._states[feed]

    async def _keep(self, state: _State) -> None:
        """Ask again and again.  Ends only by being cancelled."""
        due = monotonic() + state.pause
        while True:
            await asyncio.sleep(max(0.0, min(due, state.expiry) - monotonic()))
            if monotonic() >= state.expiry:
                await self._expire(state)
            if monotonic() >= due:
                await self._ask(state)
                due = monotonic() + state.pause

    async def _ask(self, state: _State) -> None:
        """One attempt.  A list that cannot be used changes nothing."""
        try:
            await self._refresh(state)
        except FeedError as error:
            reason = REJECTED if isinstance(error, ListError) else FAILED
            self._count_failure(state, reason, str(error))
        except Exception as error:  # a bug must not end the task
            self._events.failure(error)
            self._count_failure(state, FAILED, "a bug in the proxy")
        else:
            state.failed_in_a_row = 0

    async def _refresh(self, state: _State) -> None:
        if self._client is None:
            from .feed_client import FeedClient  # costs time, and most policies have no feed

            self._client = FeedClient()
        feed = state.rule.feed
        answer = await self._client.fetch(feed, state.etag, state.expiry - monotonic())
        if answer is None:
            state.answered = monotonic()
            return
        async with self._reading:
            origins = await in_pieces(read_list(answer.data, feed))
            if origins.patterns:
                # In a thread: reading the public suffixes takes longer than a piece.
                await asyncio.to_thread(check_suffixes, origins, feed)
        state.answered, state.etag = monotonic(), answer.etag
        if not state.origins.same(origins):
            await self._put(state, origins)
            self._say("info", state, "feed-updated", "the feed has a new list", entries=len(origins))

    async def _put(self, state: _State, origins: FeedList) -> None:
        state.origins = origins
        if self._policy is not None:
            self._policy.site.put(state.rule.feed, origins)
        await self._deliver(state.rule.feed, origins)

    async def _expire(self, state: _State) -> None:
        state.etag = ""  # a 304 would confirm a list that is gone
        message = "the list of the feed is too old: none of its origins is allowed any more"
        self._say("error", state, "feed-stale", message, entries=len(state.origins))
        await self._put(state, FeedList())

    def _count_failure(self, state: _State, reason: str, why: str) -> None:
        state.failures[reason] += 1
        state.failed_in_a_row += 1
        state.why = why
        message = (
            "the feed sent an invalid list" if reason == REJECTED else "the feed did not answer with a list"
        )
        in_force = f"the last valid one stays in force, {len(state.origins)} entries"
        if not len(state.origins):
            in_force = "none of its origins is allowed"
        self._say("warn", state, f"feed-{reason}", f"{message}; {in_force}", **{"error.detail": why})

    def _say(self, severity: str, state: _State, name: str, message: str, **fields: object) -> None:
        say = {"info": self._events.info, "warn": self._events.warn, "error": self._events.error}[severity]
        say(name, message, feed=str(state.rule.feed), rule=str(state.rule.place), **fields)


def feed_rules(spec: SiteSpec) -> dict[OriginFeed, FeedRule]:
    """The feeds of all routes.  Of several rules for one feed the strictest settings count."""
    found: dict[OriginFeed, FeedRule] = {}
    for route in (*spec.routes, spec.default):
        if route.cors is None:
            continue
        for rule in (*route.cors.origin_feeds, *route.cors.accept_feeds):
            other = found.get(rule.feed)
            found[rule.feed] = rule if other is None else _stricter(other, rule)
    return found


def _stricter(one: FeedRule, other: FeedRule) -> FeedRule:
    kept = [rule.stale for rule in (one, other) if rule.stale]
    return replace(
        one,
        every=min(one.every, other.every),
        required=one.required or other.required,
        stale=min(kept, default=0.0),
    )


def _settings(rule: FeedRule) -> tuple[float, float]:
    return rule.every, rule.stale


def _worse(one: FeedStatus, other: FeedStatus) -> FeedStatus:
    return FeedStatus(
        one.name,
        max(one.entries, other.entries),
        max(one.age, other.age),
        one.ok and other.ok,
        {reason: one.failures[reason] + other.failures[reason] for reason in one.failures},
    )
