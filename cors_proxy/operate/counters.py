"""Counters and gauges as dicts and numbers, which `merge` adds up over several processes.

prometheus_client's own counters cost ten times as much on the hot path, and cannot be sent to
another process.  Keys consist of the policy's route names, of closed sets and of the upstreams'
addresses: a client never chooses one.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final

BOUNDS: Final[tuple[float, ...]] = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
)  # fmt: skip
_LIMITS: Final = len(BOUNDS)
# Some upstreams let a client choose the status.  All unregistered codes share one label.
CODES = {0: "none"} | {status.value: str(status.value) for status in HTTPStatus}

Counts = defaultdict[tuple[str, ...], int]


def _counts() -> Counts:
    return defaultdict(int)


@dataclass(slots=True)
class Histogram:
    """Seconds in buckets with the inclusive upper limits `BOUNDS`, and one bucket above them."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        # Not `bisect`: most values are low, and to call it costs more than all steps.
        at = 0
        while at < _LIMITS and seconds > BOUNDS[at]:
            at += 1
        self.buckets[at] += 1
        self.total += seconds

    def merge(self, other: "Histogram") -> None:
        self.buckets = [own + added for own, added in zip(self.buckets, other.buckets, strict=True)]
        self.total += other.total


@dataclass(slots=True)
class Gauges:
    """The current state of a process.  It vanishes with the process, unlike its counters."""

    in_flight: int = 0
    connections: int = 0
    memory: int = 0  # resident bytes; 0 where /proc is missing
    # upstream, address: whether the last attempt to connect did not fail
    upstreams: dict[tuple[str, str], bool] = field(default_factory=dict)

    def merge(self, other: "Gauges") -> None:
        self.in_flight += other.in_flight
        self.connections += other.connections
        self.memory += other.memory
        for key, up in other.upstreams.items():
            self.upstreams[key] = up and self.upstreams.get(key, True)

    def copy(self) -> "Gauges":
        """A snapshot."""
        return replace(self, upstreams=dict(self.upstreams))


@dataclass(slots=True)
class ReloadCount:
    """Counted in the process that orders the reload: once for all workers."""

    succeeded: int = 0
    failed: int = 0
    last_success: float = 0.0  # seconds since 1970
    refused: bool = False  # the last reload failed


class Tally:
    """How often requests with the same labels ended: one number, where two counters are meant."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


# route, outcome, code; kind ("" where nothing was decided), decision, reason, mode
Labels = tuple[str, str, str, str, str, str, str]


@dataclass(slots=True)
class Counters:
    """Counts since the start of the process, or since the last `Recorder.take_counters`."""

    requests: Counts = field(default_factory=_counts)  # route, outcome, code
    decisions: Counts = field(default_factory=_counts)  # route, kind, decision, reason, mode
    differences: Counts = field(default_factory=_counts)  # route, reason
    malformed: Counts = field(default_factory=_counts)  # reason
    dropped: Counts = field(default_factory=_counts)  # stream
    spans_dropped: Counts = field(default_factory=_counts)  # reason
    upstream_requests: Counts = field(default_factory=_counts)  # upstream, address
    upstream_failures: Counts = field(default_factory=_counts)  # the same
    durations: Histogram = field(default_factory=Histogram)
    upstream: Histogram = field(default_factory=Histogram)
    failures: int = 0  # internal errors
    restarts: int = 0  # of workers

    def copy(self) -> "Counters":
        """A snapshot."""
        snapshot = Counters()
        snapshot.merge(self)
        return snapshot

    def merge(self, other: "Counters") -> None:
        for counts, added in (
            (self.requests, other.requests),
            (self.decisions, other.decisions),
            (self.differences, other.differences),
            (self.malformed, other.malformed),
            (self.dropped, other.dropped),
            (self.spans_dropped, other.spans_dropped),
            (self.upstream_requests, other.upstream_requests),
            (self.upstream_failures, other.upstream_failures),
        ):
            for key, count in added.items():
                counts[key] += count
        self.durations.merge(other.durations)
        self.upstream.merge(other.upstream)
        self.failures += other.failures
        self.restarts += other.restarts

    def add(self, tallies: Mapping[Labels, Tally]) -> None:
        for (route, result, code, kind, decision, reason, mode), tally in tallies.items():
            self.requests[route, result, code] += tally.count
            if kind:
                self.decisions[route, kind, decision, reason, mode] += tally.count

    def keep_addresses(self, current: Mapping[tuple[str, str], bool]) -> None:
        """Drops the counts of addresses that are gone: in years there would be thousands."""
        for counts in (self.upstream_requests, self.upstream_failures):
            for key in [key for key in counts if key not in current]:
                del counts[key]
