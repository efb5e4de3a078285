"""The numbers in Prometheus' text format: a `Tally` and `Gauges` rendered when they are asked for (DESIGN, section 7)."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from .. import __version__
from .tally import BOUNDS, Counts, Gauges, Histogram, Tally

PREFIX = "cors_proxy_"


@dataclass(slots=True)
class ReloadCount:
    """Reloads are counted where they are ordered: once, however many workers there are."""

    succeeded: int = 0
    failed: int = 0
    last_success: float = 0.0  # seconds since 1970


class Metrics:
    """A registry of its own with one collector: this."""

    def __init__(self, reloads: ReloadCount) -> None:
        self._reloads = reloads
        self._tally = Tally()
        self._gauges = Gauges()
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self, tally: Tally, gauges: Gauges) -> bytes:
        """`text/plain; version=0.0.4`."""
        self._tally, self._gauges = tally, gauges
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """prometheus_client's protocol of a collector."""
        tally, gauges = self._tally, self._gauges
        yield _counter("requests", "Requests, by what became of them.", ("route", "outcome", "code"), tally.requests)
        names = ("route", "kind", "decision", "reason", "mode")
        yield _counter("decisions", "Decisions, as decided: the mode says what was done with them.", names, tally.decisions)
        yield _counter(
            "report_differences",
            "Answers of the upstream by which a browser would have decided otherwise.",
            ("route", "reason"),
            tally.differences,
        )
        yield _counter("malformed", "Bytes that were no request.", ("reason",), tally.malformed)
        yield _counter("log_lines_dropped", "Log lines left out: too many, or nobody read them.", ("stream",), tally.dropped)
        yield _single("internal_errors", "Bugs met; each is in the log with its trace.", tally.failures)
        yield _single("worker_restarts", "Workers that ended and were replaced.", tally.restarts)
        yield _histogram("request_duration", "From a request's head to the end of its response.", tally.durations)
        yield _histogram("upstream_duration", "From the request sent upstream to the head of the response.", tally.upstream)
        yield GaugeMetricFamily(PREFIX + "requests_in_flight", "Requests not yet over.", value=gauges.in_flight)
        yield GaugeMetricFamily(PREFIX + "connections", "Open client connections.", value=gauges.connections)
        reloads = CounterMetricFamily(PREFIX + "config_reloads", "Reloads of the policy, by result.", labels=("result",))
        reloads.add_metric(("success",), self._reloads.succeeded)
        reloads.add_metric(("failure",), self._reloads.failed)
        yield reloads
        yield GaugeMetricFamily(
            PREFIX + "config_last_reload_success_timestamp_seconds",
            "When the policy in force was loaded.",
            value=self._reloads.last_success,
        )
        build = GaugeMetricFamily(PREFIX + "build_info", "Always 1.", labels=("version",))
        build.add_metric((__version__,), 1)
        yield build


def _counter(name: str, text: str, labels: tuple[str, ...], counts: Counts) -> CounterMetricFamily:
    family = CounterMetricFamily(PREFIX + name, text, labels=labels)
    for key, count in counts.items():
        family.add_metric(key, count)
    return family


def _single(name: str, text: str, count: int) -> CounterMetricFamily:
    return CounterMetricFamily(PREFIX + name, text, value=count)


def _histogram(name: str, text: str, histogram: Histogram) -> HistogramMetricFamily:
    buckets, below = [], 0
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), histogram.buckets, strict=True):
        below += count
        buckets.append((bound, float(below)))
    return HistogramMetricFamily(PREFIX + name + "_seconds", text, buckets=buckets, sum_value=histogram.total)
