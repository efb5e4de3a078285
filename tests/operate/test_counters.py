from cors_proxy.operate.counters import BOUNDS, Counters, Histogram


def test_merge_adds_everything() -> None:
    total, part = Counters(), Counters()
    for field in ("requests", "decisions", "differences", "malformed", "dropped"):
        getattr(total, field)["a",] = 1
        getattr(part, field)["a",] = 2
        getattr(part, field)["b",] = 3
    part.failures = part.restarts = 2
    part.durations.add(0.2)
    part.upstream.add(0.1)
    total.merge(part)
    for field in ("requests", "decisions", "differences", "malformed", "dropped"):
        assert dict(getattr(total, field)) == {("a",): 3, ("b",): 3}
    assert (total.failures, total.restarts, total.durations.total, total.upstream.total) == (2, 2, 0.2, 0.1)


def test_histogram_bounds_are_inclusive() -> None:
    histogram = Histogram()
    histogram.add(BOUNDS[0])
    histogram.add(BOUNDS[-1] + 1)
    histogram.add(0.0)
    assert histogram.buckets[0] == 2 and histogram.buckets[-1] == 1
