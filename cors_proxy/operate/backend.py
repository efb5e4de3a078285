"""Those who carry the traffic: this process alone (`SingleProcess`), or several workers (`supervisor.Workers`)."""

import socket
from typing import Protocol

from ..policy.model import Policy
from ..proxy.edge import Edge, Prepared
from .counters import Counters, Gauges
from .page.decision_event import Deliver, Gatherer
from .recorder import Recorder


class Backend(Protocol):
    """What `service.Service` asks of them."""

    @property
    def ready(self) -> bool:
        """Somebody answers requests."""

    async def start(self, policy: Policy, sockets: list[socket.socket]) -> None:
        """Serve on these listening sockets, which become the backend's own."""

    async def apply(self, policy: Policy) -> None:
        """Judge by this policy from the next request on."""

    async def counts(self) -> tuple[Counters, Gauges]:
        """Everything counted since the start, and what is going on now."""

    def watch(self, deliver: Deliver | None) -> None:
        """Deliver decisions as they are made, or (None) no longer."""

    def announce(self) -> None:
        """Drain is near: answer with `Connection: close`."""

    async def drain(self) -> None:
        """Accept nothing more, finish what is in flight within `drain.timeout`."""

    async def close(self) -> None:
        """End at once."""


class SingleProcess:
    """One edge in this process."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._edge: Edge | None = None
        self._prepared: Prepared | None = None
        self._gatherer: Gatherer | None = None

    @property
    def ready(self) -> bool:
        return self._edge is not None

    @property
    def policy(self) -> Policy:
        """The one in force, once it has started."""
        assert self._edge is not None
        return self._edge.policy

    async def start(self, policy: Policy, sockets: list[socket.socket]) -> None:
        edge = Edge(policy, self._recorder)
        await edge.start(sockets)
        self._edge = edge

    async def apply(self, policy: Policy) -> None:
        self.prepare(policy)
        self.commit()

    def prepare(self, policy: Policy) -> None:
        """Everything of `apply` that can fail; OSError says why.  Nothing is changed by it."""
        self._prepared = Prepared(policy)

    def commit(self) -> None:
        if self._edge is not None and self._prepared is not None:
            self._edge.commit(self._prepared)
            self._recorder.configure(self._edge.policy.server.access_log)
        self._prepared = None

    def abort(self) -> None:
        self._prepared = None

    async def counts(self) -> tuple[Counters, Gauges]:
        self._recorder.note_dropped()
        return self._recorder.counters, self._recorder.gauges

    def watch(self, deliver: Deliver | None) -> None:
        if self._gatherer is not None:
            self._recorder.watchers.remove(self._gatherer)
        self._gatherer = None if deliver is None else Gatherer(deliver)
        if self._gatherer is not None:
            self._recorder.watchers.append(self._gatherer)

    def announce(self) -> None:
        if self._edge is not None:
            self._edge.draining = True

    async def drain(self) -> None:
        if self._edge is not None:
            await self._edge.drain()

    async def close(self) -> None:
        if self._edge is not None:
            await self._edge.close()
            self._edge = None
