"""Counters and gauges in Prometheus' text format.  `docs/operating.md` lists them.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from .. import __version__
from .counters import BOUNDS, Counters, Gauges, Histogram, ReloadCount
from .feeds import FeedStatus

PREFIX = "cors_proxy_"
DROPPED = (("stdout",), ("refused",))  # every stream of `Counters.dropped`
SPANS_DROPPED = (("parent-rate",), ("queue-full",), ("not-sent",))  # every reason


def render(
    counters: Counters,
    gauges: Gauges,
    reloads: ReloadCount,
    connections_limit: int,
    feeds: Sequence[FeedStatus] = (),
) -> bytes:
    """The body of `/metrics`, `text/plain; version=0.0.4`.

    Ten thousand series take 0.1 seconds, so call it in a thread, with copies of the counts.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(counters, gauges, reloads, connections_limit, feeds))
    return generate_latest(registry)


@dataclass(frozen=True, slots=True, eq=False)
class _Collector:
    counters: Counters
    gauges: Gauges
    reloads: ReloadCount
    connections_limit: int
    feeds: Sequence[FeedStatus]

    def collect(self) -> Iterator[Metric]:
        counters, gauges = self.counters, self.gauges
        yield _counter(
            "requests",
            "Finished requests, by outcome and status.",
            ("route", "outcome", "code"),
            counters.requests,
        )
        labels = ("route", "kind", "decision", "reason", "mode")
        yield _counter(
            "decisions",
            "Decisions of the policy. The mode says whether they were enforced.",
            labels,
            counters.decisions,
        )
        yield _counter(
            "report_differences",
            "Responses of the upstream that a browser would treat differently from the policy.",
            ("route", "reason"),
            counters.differences,
        )
        yield _counter("malformed", "Malformed requests.", ("reason",), counters.malformed)
        yield _counter(
            "log_lines_dropped",
            "Log lines dropped: too many refusals, or no reader.",
            ("stream",),
            # Also 0: `increase` misses the first count of a new series.
            {key: counters.dropped.get(key, 0) for key in DROPPED},
        )
        yield _counter(
            "spans_dropped",
            "Spans of sampled requests that did not reach the collector.",
            ("reason",),
            {key: counters.spans_dropped.get(key, 0) for key in SPANS_DROPPED},
        )
        yield _single("internal_errors", "Bugs. The log has the trace of each.", counters.failures)
        yield _single("worker_restarts", "Workers that ended and were replaced.", counters.restarts)
        yield _histogram(
            "request_duration",
            "Seconds from the head of a request to the end of its response.",
            counters.durations,
        )
        yield _histogram(
            "upstream_duration",
            "Seconds from sending a request upstream to the head of its response.",
            counters.upstream,
        )
        up = GaugeMetricFamily(
            PREFIX + "upstream_up",
            "Whether the last attempt to connect to the address of an upstream did not fail.",
            labels=("upstream", "address"),
        )
        for key, value in gauges.upstreams.items():
            up.add_metric(key, value)
        yield up
        yield _counter(
            "upstream_requests",
            "Requests sent to an address of an upstream.",
            ("upstream", "address"),
            counters.upstream_requests,
        )
        yield _counter(
            "upstream_failures",
            "Connections and responses that failed at an address of an upstream.",
            ("upstream", "address"),
            counters.upstream_failures,
        )
        yield GaugeMetricFamily(PREFIX + "requests_in_flight", "Requests in flight.", value=gauges.in_flight)
        yield GaugeMetricFamily(PREFIX + "connections", "Open client connections.", value=gauges.connections)
        yield GaugeMetricFamily(
            PREFIX + "connections_limit",
            "limits.connections of all workers together.",
            value=self.connections_limit,
        )
        if gauges.memory:
            yield GaugeMetricFamily(
                PREFIX + "resident_memory_bytes", "Resident memory of all processes.", value=gauges.memory
            )
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
        yield GaugeMetricFamily(
            PREFIX + "config_last_reload_successful",
            "1, or 0 if the last reload failed.",
            value=not self.reloads.refused,
        )
        yield from _feeds(self.feeds)
        build = GaugeMetricFamily(
            PREFIX + "build_info", "The version, with the value 1.", labels=("version",)
        )
        build.add_metric((__version__,), 1)
        yield build


def _feeds(feeds: Sequence[FeedStatus]) -> Iterator[Metric]:
    yield _by_feed(
        "feed_entries", "Origins in the list of a feed.", {feed.name: feed.entries for feed in feeds}
    )
    yield _by_feed(
        "feed_age_seconds",
        "Time since the last valid answer of a feed, or else since the start.",
        {feed.name: feed.age for feed in feeds},
    )
    yield _by_feed(
        "feed_up",
        "Whether the last attempt to get the list of a feed did not fail.",
        {feed.name: feed.ok for feed in feeds},
    )
    yield _counter(
        "feed_failures",
        "Attempts without a valid list: failed is without an answer, rejected is for a bad entry.",
        ("feed", "reason"),
        {(feed.name, reason): count for feed in feeds for reason, count in feed.failures.items()},
    )


def _by_feed(name: str, help_text: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(PREFIX + name, help_text, labels=("feed",))
    for feed, value in values.items():
        family.add_metric((feed,), value)
    return family


def _counter(
    name: str, help_text: str, labels: tuple[str, ...], counts: Mapping[tuple[str, ...], int]
) -> CounterMetricFamily:
    family = CounterMetricFamily(PREFIX + name, help_text, labels=labels)
    for key, count in counts.items():
        family.add_metric(key, count)
    return family


def _single(name: str, help_text: str, count: int) -> CounterMetricFamily:
    return CounterMetricFamily(PREFIX + name, help_text, value=count)


def _histogram(name: str, help_text: str, histogram: Histogram) -> HistogramMetricFamily:
    buckets, cumulative = [], 0
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), histogram.buckets, strict=True):
        cumulative += count
        buckets.append((bound, float(cumulative)))
    return HistogramMetricFamily(
        PREFIX + name + "_seconds", help_text, buckets=buckets, sum_value=histogram.total
    )
