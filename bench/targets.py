"""The targets of cors-proxy, compared with the figures."""

from typing import NamedTuple

from bench.figures import Figures, Spread
from bench.subjects import SUBJECTS
from bench.works import WORKS

MIB, KIB = 1 << 20, 1 << 10
DEARER = 0.03  # the share that a change may cost


class Target(NamedTuple):
    """`limit` is the most that `measured` may be; None: only for information.

    `measured` is None if it was not part of this run."""

    title: str
    limit: float | None
    measured: Spread | None
    unit: str = ""

    @property
    def verdict(self) -> str:
        if self.measured is None:
            return "not measured"
        if self.limit is None:
            return "for information"
        return "met" if self.measured.median <= self.limit else "**not met**"


class Compared(NamedTuple):
    """`ratio` is this build to the other one; `twins` is this build to itself.

    A ratio may differ by as much as the twins do without a cause in the code."""

    title: str
    ratio: Spread
    twins: Spread

    @property
    def limit(self) -> float:
        return 1 + DEARER + abs(self.twins.median - 1)

    @property
    def verdict(self) -> str:
        return "met" if self.ratio.median <= self.limit else "**not met**"


def against(figures: Figures) -> list[Compared]:
    """The CPU of each work and the p50 of one connection; empty if no other build was measured."""
    found = []
    kinds = [(work, "cpu", WORKS[work].title) for work in figures.works()]
    for work, what, title in [*kinds, ("latency", "p50", "One connection's p50")]:
        ratio, twins = (
            figures.ratio((work, one), (work, other), what)
            for one, other in (("ours", "before"), ("again", "ours"))
        )
        if ratio is not None and twins is not None:
            found.append(Compared(title, ratio, twins))
    return found


def targets(figures: Figures) -> list[Target]:
    return [*_beside_peers(figures), *_beside_itself(figures), *_at_rest(figures)]


def _beside_peers(figures: Figures) -> list[Target]:
    def beside(
        title: str,
        work: str,
        limit: float | None,
        peer: str = "envoy",
        subject: str = "ours",
        what: str = "cpu",
    ) -> Target:
        return Target(title, limit, figures.ratio((work, subject), (work, peer), what))

    return [
        beside("GET of 1 KiB, to Envoy", "get", 0.5),
        beside("GET of 1 KiB, access log on, to Envoy with its log on", "get", 0.7, "envoy-log", "ours-log"),
        beside("GET of 1 KiB, access log on, to Envoy with its log off", "get", None, "envoy", "ours-log"),
        beside("GET of 1 KiB, to nginx", "get", 2.0, "nginx"),
        beside("preflight, to Envoy", "preflight", 0.6),
        Target(
            "refused origin, to our own preflight",
            1.0,
            figures.ratio(("refused", "ours"), ("preflight", "ours")),
        ),
        beside("download of 1 MiB, to Envoy", "download", 1.1),
        beside("upload of 1 MiB, to Envoy", "upload", 1.1),
        beside("one connection's p50, to Envoy", "latency", 1.0, what="p50"),
    ]


def _beside_itself(figures: Figures) -> list[Target]:
    found = []
    for work in WORKS.values():
        many = figures.ratio((work.name, "ours-many"), (work.name, "ours"))
        found.append(Target(f"10,000 origins and 1,000 routes, to one of each: {work.title}", 1.1, many))
    for work in WORKS.values():
        if SUBJECTS["ours-two"].does(work):
            two = figures.ratio((work.name, "ours-two"), (work.name, "ours"))
            found.append(Target(f"two workers, to one: {work.title}", 1.05, two))
    return found


def _at_rest(figures: Figures) -> list[Target]:
    memory, load = figures.memory.get("ours"), figures.loads.get("ours-many")
    return [
        Target(
            "reading the policy of 10,000 origins and 1,000 routes",
            2.0,
            None if load is None else _exact(load),
            " s",
        ),
        Target("memory after the start", 45.0, None if memory is None else _exact(memory.idle / MIB), " MiB"),
        Target(
            "memory of an idle connection",
            12.0,
            None if memory is None else _exact(memory.connection / KIB),
            " KiB",
        ),
    ]


def _exact(number: float) -> Spread:
    return Spread(number, number, number)
