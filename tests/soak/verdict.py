"""Whether what a process holds is flat, by the medians of three thirds of a run after its start."""

import statistics
from collections import defaultdict
from typing import NamedTuple

from tests.soak.told import Told

MIB = 1 << 20
ENOUGH = 30  # samples; with fewer there is no verdict


class Kind(NamedTuple):
    """`absolute` and `share`: how far the last third may be above the first, whichever is more.

    `above`: how far the maximum may be above that."""

    title: str
    unit: float
    absolute: float
    share: float
    above: float | None = None


# At 200 steps a second there are 800 s between the middles of the first and last third of 20
# minutes: 8 MiB are 50 bytes for each step.
MEMORY = Kind("RSS, MiB", MIB, 8 * MIB, 0.1, 64 * MIB)
COUNT = Kind("descriptors", 1, 8, 0.15)
THREADS = Kind("threads", 1, 2, 0.0)
GAUGE = Kind("gauge", 1, 8, 0.25)


class Series(NamedTuple):
    """The samples of one number. `start` is from before the load, `after` from after it."""

    start: float
    seen: list[float]
    after: float

    def thirds(self) -> tuple[float, float, float]:
        size = len(self.seen) // 3
        parts = self.seen[:size], self.seen[size : 2 * size], self.seen[2 * size :]
        first, second, third = (statistics.median(part) for part in parts)
        return first, second, third

    def fault(self, kind: Kind) -> str:
        """Why it is not flat; "" if it is, or if there are too few samples."""
        if len(self.seen) < ENOUGH:
            return ""
        first, _, last = self.thirds()
        allowed = max(kind.absolute, kind.share * first)
        if last - first > allowed:
            return (
                f"{first / kind.unit:.1f} became {last / kind.unit:.1f}, and {allowed / kind.unit:.1f} "
                f"more are allowed"
            )
        if kind.above is not None and max(self.seen) - first > kind.above:
            return (
                f"{max(self.seen) / kind.unit:.1f} at the most, {kind.above / kind.unit:.0f} above "
                f"{first / kind.unit:.1f} are allowed"
            )
        return ""


class Verdict:
    """All series of a run, by name."""

    def __init__(self) -> None:
        self.kinds: dict[str, Kind] = {}
        self.series: dict[str, Series] = {}
        self._seen: defaultdict[str, list[float]] = defaultdict(list)
        self._edges: defaultdict[str, list[float]] = defaultdict(list)

    def see(self, name: str, kind: Kind, value: float, loaded: bool) -> None:
        self.kinds[name] = kind
        (self._seen if loaded else self._edges)[name].append(value)

    def close(self) -> None:
        for name in self.kinds:
            edges = self._edges[name] or [0.0]
            self.series[name] = Series(edges[0], self._seen[name], edges[-1])

    def faults(self) -> list[str]:
        return [
            f"{name}: {fault}"
            for name, series in self.series.items()
            if (fault := series.fault(self.kinds[name]))
        ]

    def table(self) -> str:
        lines = [f"{'':36}{'start':>8}{'begin':>8}{'middle':>8}{'end':>8}{'most':>8}{'after':>8}"]
        for name, series in self.series.items():
            unit = self.kinds[name].unit
            shown = [
                series.start,
                *(series.thirds() if len(series.seen) >= 3 else (0, 0, 0)),
                max(series.seen, default=0),
                series.after,
            ]
            lines.append(f"{name:36}" + "".join(f"{number / unit:8.1f}" for number in shown))
        return "\n".join(lines)


def counted(told: Told) -> str:
    return "\n".join(
        f"{kind:36}{number:8}{told.failed[kind]:8} unexpected" for kind, number in sorted(told.done.items())
    )
