"""The targets of cors-proxy, compared with the figures."""

from typing import NamedTuple

from bench.figures import Figures, Spread
from bench.subjects import AGAIN, BEFORE, FORMS, SUBJECTS
from bench.works import IDLE, WORKS

MIB, KIB = 1 << 20, 1 << 10
DEARER = 0.03  # the share that a change may cost
BESIDE_IDLE = "varied-get-idle", "varied-get"


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
    for form in FORMS:
        for work, what, title in [*kinds, ("varied-get-1", "p50", "One connection's p50")]:
            ratio, twins = (
                figures.ratio((work, one + form), (work, other + form), what)
                for one, other in (("ours", BEFORE), (AGAIN, "ours"))
            )
            if ratio is not None and twins is not None:
                log = ", access log on" if form == "-log" else ""
                found.append(Compared(title + log, ratio, twins))
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

    def itself(title: str, one: str, other: str, limit: float | None, subject: str = "ours") -> Target:
        return Target(title, limit, figures.ratio((one, subject), (other, subject)))

    log = "access log on, to Envoy with its log off"
    return [
        beside(f"varied GET, {log}", "varied-get", 0.6, subject="ours-log"),
        beside("varied GET, to Envoy", "varied-get", 0.5),
        beside("varied GET, to nginx", "varied-get", 1.5, "nginx"),
        beside("varied GET on 64 connections, to Envoy", "varied-get-64", 0.5),
        beside("varied GET on one connection, to Envoy", "varied-get-1", None),
        beside("varied GET on one connection, p50, to Envoy", "varied-get-1", 0.7, what="p50"),
        beside(f"varied preflight, {log}", "varied-preflight", 0.65, subject="ours-log"),
        beside("varied preflight, to Envoy", "varied-preflight", 0.5),
        beside("varied preflight on 64 connections, to Envoy", "varied-preflight-64", 0.5),
        itself(
            "varied GET of refused origins, to our own preflight", "varied-refused", "varied-preflight", 1
        ),
        beside(f"varied POST of 16 KiB, {log}", "varied-post", None, subject="ours-log"),
        beside("varied POST of 16 KiB, to Envoy", "varied-post", 0.45),
        beside("varied POST of 16 KiB on 64 connections, to Envoy", "varied-post-64", 0.45),
        beside("varied GET with TLS, to Envoy", "varied-tls", 0.65, "envoy-tls", "ours-tls"),
        beside("varied GET with TLS, to nginx", "varied-tls", None, "nginx-tls", "ours-tls"),
        beside("new TLS connection with a GET, to Envoy", "tls-new", None, "envoy-tls", "ours-tls"),
        beside("download of 1 MiB, to Envoy", "download", 0.85),
        beside("upload of 1 MiB, to Envoy", "upload", 0.85),
        beside("WebSocket frame, one a second, to Envoy", "frames", None),
        beside("WebSocket frame, one a second, to nginx", "frames", None, "nginx"),
        beside("WebSocket frames in bulk, to Envoy", "frames-bulk", None),
        beside("WebSocket frames in bulk, to nginx", "frames-bulk", None, "nginx"),
        itself(f"varied GET beside {IDLE:,} idle connections, to without", *BESIDE_IDLE, None),
        itself("the same of Envoy", *BESIDE_IDLE, None, "envoy"),
        itself("the same of nginx", *BESIDE_IDLE, None, "nginx"),
        beside("repeated GET, to Envoy", "get", 0.5),
        beside("repeated GET, to nginx", "get", 2.0, "nginx"),
        beside("repeated GET, access log on, to Envoy with its log on", "get", 0.7, "envoy-log", "ours-log"),
        beside("repeated preflight, to Envoy", "preflight", 0.6),
        itself("repeated GET of a refused origin, to our own preflight", "refused", "preflight", 1),
    ]


def _beside_itself(figures: Figures) -> list[Target]:
    found = []
    both = [
        ("ours-many", "10,000 origins and 1,000 routes, to one of each"),
        ("ours-two", "two workers, to one"),
    ]
    for subject, title in both:
        for work in filter(SUBJECTS[subject].does, WORKS.values()):
            ratio = figures.ratio((work.name, subject), (work.name, "ours"))
            found.append(Target(f"{title}: {work.title}", 1.05, ratio))
    return found


def _at_rest(figures: Figures) -> list[Target]:
    memory, load = figures.memory.get("ours"), figures.loads.get("ours-many")
    exact = {} if memory is None else memory._asdict()

    def at_rest(title: str, limit: float, name: str, unit: str, size: int = 1) -> Target:
        return Target(title, limit, _exact(exact[name] / size) if exact else None, unit)

    reading = None if load is None else _exact(load)
    return [
        at_rest("start to the first answer", 0.35, "started", " s"),
        at_rest("memory after the start", 40.0, "idle", " MiB", MIB),
        at_rest("memory of an idle connection", 12.0, "connection", " KiB", KIB),
        Target("reading the policy of 10,000 origins and 1,000 routes", 2.0, reading, " s"),
    ]


def _exact(number: float) -> Spread:
    return Spread(number, number, number)
