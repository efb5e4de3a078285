from cors_proxy.operate.counters import BOUNDS, Counters, Gauges, Histogram

FIELDS = (
    "requests",
    "decisions",
    "differences",
    "malformed",
    "dropped",
    "upstream_requests",
    "upstream_failures",
)


def test_merge_adds_everything() -> None:
    total, part = Counters(), Counters()
    for field in FIELDS:
        getattr(total, field)["a",] = 1
        getattr(part, field)["a",] = 2
        getattr(part, field)["b",] = 3
    part.failures = part.restarts = 2
    part.durations.add(0.2)
    part.upstream.add(0.1)
    total.merge(part)
    for field in FIELDS:
        assert dict(getattr(total, field)) == {("a",): 3, ("b",): 3}
    assert (total.failures, total.restarts, total.durations.total, total.upstream.total) == (2, 2, 0.2, 0.1)


def test_histogram_bounds_are_inclusive() -> None:
    histogram = Histogram()
    histogram.add(BOUNDS[0])
    histogram.add(BOUNDS[-1] + 1)
    histogram.add(0.0)
    assert histogram.buckets[0] == 2 and histogram.buckets[-1] == 1


def test_an_address_is_down_where_one_worker_cannot_reach_it() -> None:
    one, other = ("http://api", "10.0.0.1:80"), ("http://api", "10.0.0.2:80")
    total = Gauges()
    for up in (True, False, True):
        total.merge(Gauges(1, 2, 3, {one: up, other: True}))
    assert (total.in_flight, total.connections, total.memory, total.upstreams) == (
        3,
        6,
        9,
        {one: False, other: True},
    )
    snapshot = total.copy()
    total.upstreams.clear()
    assert len(snapshot.upstreams) == 2


def test_counts_of_addresses_that_are_gone_are_dropped() -> None:
    counters = Counters()
    for address in ("a", "b"):
        counters.upstream_requests["http://api", address] = 1
        counters.upstream_failures["http://api", address] = 1
    counters.keep_addresses({("http://api", "b"): True})
    assert [*counters.upstream_requests] == [*counters.upstream_failures] == [("http://api", "b")]
