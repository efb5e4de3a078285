"""What has been counted, as plain data: additive, so that several processes' counts become one by `merge`.

Prometheus' own children cost ten times this on the hot path and cannot be handed from one process to another.
Keys are made of the policy's route names and of closed sets alone: nothing a client chooses ever becomes one."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from http import HTTPStatus

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_FIRST = BOUNDS[0]  # most are below it
# A client that talks to an echoing upstream chooses the status: what is not registered is one label.
CODES = {0: "none"} | {status.value: str(status.value) for status in HTTPStatus}

Counts = defaultdict[tuple[str, ...], int]


def _counts() -> Counts:
    return defaultdict(int)


@dataclass(slots=True)
class Histogram:
    """Seconds, by `BOUNDS` (upper limits, inclusive) and one place beyond them."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        self.buckets[0 if seconds <= _FIRST else bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds

    def merge(self, other: "Histogram") -> None:
        self.buckets = [mine + theirs for mine, theirs in zip(self.buckets, other.buckets, strict=True)]
        self.total += other.total


@dataclass(slots=True)
class Gauges:
    """What is true of a process now; it goes when the process goes."""

    in_flight: int = 0
    connections: int = 0


@dataclass(slots=True)
class ReloadCount:
    """Reloads are counted where they are ordered: once, however many workers there are."""

    succeeded: int = 0
    failed: int = 0
    last_success: float = 0.0  # seconds since 1970


@dataclass(slots=True)
class Counters:
    """Counts since the process began, or since they were last taken."""

    requests: Counts = field(default_factory=_counts)  # route, outcome, code
    decisions: Counts = field(default_factory=_counts)  # route, kind, decision, reason, mode
    differences: Counts = field(default_factory=_counts)  # route, reason
    malformed: Counts = field(default_factory=_counts)  # reason
    dropped: Counts = field(default_factory=_counts)  # stream
    durations: Histogram = field(default_factory=Histogram)
    upstream: Histogram = field(default_factory=Histogram)
    failures: int = 0  # bugs
    restarts: int = 0  # workers that were replaced

    def copy(self) -> "Counters":
        """Counts that stand still."""
        still = Counters()
        still.merge(self)
        return still

    def merge(self, other: "Counters") -> None:
        for mine, theirs in (
            (self.requests, other.requests),
            (self.decisions, other.decisions),
            (self.differences, other.differences),
            (self.malformed, other.malformed),
            (self.dropped, other.dropped),
        ):
            for key, count in theirs.items():
                mine[key] += count
        self.durations.merge(other.durations)
        self.upstream.merge(other.upstream)
        self.failures += other.failures
        self.restarts += other.restarts
