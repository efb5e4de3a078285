"""The numbers in Prometheus' text format: a `Counters` and `Gauges` rendered when they are asked for (DESIGN, section 7)."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from .. import __version__
from .counters import BOUNDS, Counters, Counts, Gauges, Histogram, ReloadCount

PREFIX = "cors_proxy_"


def text(counters: Counters, gauges: Gauges, reloads: ReloadCount) -> bytes:
    """`text/plain; version=0.0.4`.  Ten thousand series take a tenth of a second: call it in a thread, with counts that stand still."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(counters, gauges, reloads))
    return generate_latest(registry)


@dataclass(frozen=True, slots=True, eq=False)
class _Collector:
    counters: Counters
    gauges: Gauges
    reloads: ReloadCount

    def collect(self) -> Iterator[Metric]:
        counters, gauges = self.counters, self.gauges
        yield _counter(
            "requests", "Requests, by what became of them.", ("route", "outcome", "code"), counters.requests
        )
        names = ("route", "kind", "decision", "reason", "mode")
        yield _counter(
            "decisions",
            "Decisions, as decided: the mode says what was done with them.",
            names,
            counters.decisions,
        )
        yield _counter(
            "report_differences",
            "Answers of the upstream by which a browser would have decided otherwise.",
            ("route", "reason"),
            counters.differences,
        )
        yield _counter("malformed", "Bytes that were no request.", ("reason",), counters.malformed)
        yield _counter(
            "log_lines_dropped",
            "Log lines left out: too many, or nobody read them.",
            ("stream",),
            counters.dropped,
        )
        yield _single("internal_errors", "Bugs met; each is in the log with its trace.", counters.failures)
        yield _single("worker_restarts", "Workers that ended and were replaced.", counters.restarts)
        yield _histogram(
            "request_duration", "From a request's head to the end of its response.", counters.durations
        )
        yield _histogram(
            "upstream_duration",
            "From the request sent upstream to the head of the response.",
            counters.upstream,
        )
        yield GaugeMetricFamily(
            PREFIX + "requests_in_flight", "Requests not yet over.", value=gauges.in_flight
        )
        yield GaugeMetricFamily(PREFIX + "connections", "Open client connections.", value=gauges.connections)
        results = CounterMetricFamily(
            PREFIX + "config_reloads", "Reloads of the policy, by result.", labels=("result",)
        )
        results.add_metric(("success",), self.reloads.succeeded)
        results.add_metric(("failure",), self.reloads.failed)
        yield results
        yield GaugeMetricFamily(
            PREFIX + "config_last_reload_success_timestamp_seconds",
            "When the policy in force was loaded.",
            value=self.reloads.last_success,
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
