"""What serves the traffic: this process (`SingleProcess`) or several (`worker_pool.WorkerPool`)."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final, Protocol

from ..cors.feeds import FeedList
from ..cors.spec import OriginFeed
from ..policy.model import Policy
from ..proxy.edge import Edge, Prepared
from .counters import Counters, Gauges
from .lazy_memory import LazyMemory
from .observed import Observe, Observer
from .page.decision_event import DecisionEvent, Deliver, EventBatcher
from .process import resident_memory
from .recorder import Recorder
from .refusals import Refusals, as_events

if TYPE_CHECKING:
    from ..learn.memory import Memory
    from .spans import Spans

MAX_ADDRESSES: Final = 64  # of one upstream, up to which each has its own metrics


class Backend(Protocol):
    """What `service.Service` needs of it."""

    @property
    def ready(self) -> bool:
        """Whether requests are served."""

    async def start(
        self, policy: Policy, sockets: list[socket.socket], asks: list[socket.socket] | None = None
    ) -> None:
        """Serve traffic, and asks, on these listening sockets, and close them in the end.  Raises OSError."""

    async def apply(self, policy: Policy) -> None:
        """Use this policy from the next request on.  Raises OSError, and keeps the old one then."""

    async def put_list(self, feed: OriginFeed, origins: FeedList) -> None:
        """Use this list of a feed from the next request on; keep it for a policy that comes later."""

    async def counts(self) -> tuple[Counters, Gauges]:
        """The counts since the start, and the current gauges."""

    async def refusals(self) -> list[DecisionEvent]:
        """The last refusals, newest last."""

    async def memory(self) -> Memory:
        """What was seen under `mode: report`, if there is an admin listener."""

    def subscribe(self, deliver: Deliver | None) -> None:
        """Call `deliver` with the decisions as they are made; None ends that."""

    def announce(self) -> None:
        """A drain is about to begin: send `Connection: close` with each response."""

    async def drain(self) -> None:
        """Accept no more connections, and finish requests in flight within `drain.timeout`."""

    async def close(self) -> None:
        """Close all connections now."""


class SingleProcess:
    """One edge in this process."""

    def __init__(self, recorder: Recorder, observe: Observe | None = None) -> None:
        """`observe` gets what `mode: report` saw; without it, it is kept here."""
        self._recorder = recorder
        self._memory = LazyMemory()
        self._observer = Observer(observe or self._memory.take)
        self._edge: Edge | None = None
        self._prepared: Prepared | None = None
        self._lists: dict[OriginFeed, FeedList] = {}
        self._batcher: EventBatcher | None = None
        self._spans: Spans | None = None
        self._refusals = Refusals()

    @property
    def ready(self) -> bool:
        return self._edge is not None

    @property
    def policy(self) -> Policy:
        """The policy in force.  Only after `start`."""
        assert self._edge is not None
        return self._edge.policy

    async def start(
        self, policy: Policy, sockets: list[socket.socket], asks: list[socket.socket] | None = None
    ) -> None:
        self._fill(policy)
        edge = Edge(policy, self._recorder)
        await edge.start(sockets, asks)
        self._edge = edge
        if policy.admin is not None:
            self._recorder.observe = self._observer
        if policy.server.tracing is not None:
            # Imported here: the packages of the extra `otel` cost each process 20 MiB.
            from .spans import Spans

            self._recorder.spans = self._spans = Spans(policy.server.tracing, self._recorder)

    async def apply(self, policy: Policy) -> None:
        self.prepare(policy)
        self.commit()

    def prepare(self, policy: Policy) -> None:
        """The part of `apply` that can fail, with OSError.  The old policy stays in force."""
        self._prepared = Prepared(policy)

    def commit(self) -> None:
        if self._edge is not None and self._prepared is not None:
            self._fill(self._prepared.policy)
            self._edge.commit(self._prepared)
            self._recorder.configure(self._edge.policy.server.access_log)
        self._prepared = None

    def abort(self) -> None:
        self._prepared = None

    async def put_list(self, feed: OriginFeed, origins: FeedList) -> None:
        self._lists[feed] = origins
        if self._edge is not None:
            self._edge.policy.site.put(feed, origins)

    def _fill(self, policy: Policy) -> None:
        """Give a policy the lists of its feeds, and forget the others."""
        self._lists = {feed: self._lists[feed] for feed in policy.site.feeds if feed in self._lists}
        for feed, origins in self._lists.items():
            policy.site.put(feed, origins)

    async def counts(self) -> tuple[Counters, Gauges]:
        self._recorder.count_dropped_lines()
        self._recorder.gauges.memory = resident_memory()
        self.collect_addresses()
        counters, gauges = self._recorder.counters, self._recorder.gauges
        counters.keep_addresses(gauges.upstreams)
        return counters, gauges

    async def refusals(self) -> list[DecisionEvent]:
        self._refusals.add(as_events(self._recorder.take_refusals()))
        return self._refusals.newest_last()

    async def memory(self) -> Memory:
        self._observer.flush()
        return self._memory.get()

    def report_seen(self) -> None:
        """Hand on now what was seen since the last time."""
        self._observer.flush()

    def collect_addresses(self) -> None:
        """Moves what was counted by address since the last call to the recorder."""
        if self._edge is None:
            return
        counters, gauges = self._recorder.counters, self._recorder.gauges
        gauges.upstreams = {}
        for upstream, addresses in self._edge.addresses().items():
            if len(addresses) > MAX_ADDRESSES:
                continue
            for address in addresses:
                key = upstream, address.name
                gauges.upstreams[key] = address.up and gauges.upstreams.get(key, True)
                counters.upstream_requests[key] += address.requests
                counters.upstream_failures[key] += address.failures
                address.requests = address.failures = 0

    def subscribe(self, deliver: Deliver | None) -> None:
        if self._batcher is not None:
            self._recorder.observers.remove(self._batcher)
        self._batcher = None if deliver is None else EventBatcher(deliver)
        if self._batcher is not None:
            self._recorder.observers.append(self._batcher)

    def announce(self) -> None:
        if self._edge is not None:
            self._edge.announce()

    async def drain(self) -> None:
        if self._edge is not None:
            await self._edge.drain()

    async def close(self) -> None:
        if self._edge is not None:
            await self._edge.close()
            self._edge = None
        if self._spans is not None:
            # After the last connection: its request has a span too.
            await self._spans.close()
            self._recorder.spans = self._spans = None
