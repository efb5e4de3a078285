from cors_proxy.learn.tally import Span, Tally


def test_a_span_has_the_first_and_the_last_time() -> None:
    span = Span()
    for time in ("2026-02", "", "2026-01", "2026-03"):
        span.add(time)
    span.join(Span(2, "2025-12", "2026-01"))
    assert (span.count, span.first, span.last) == (6, "2025-12", "2026-03")


def test_tallies_of_several_endpoints_are_one() -> None:
    one = Tally(requests=1, cookies=1, headers={"a": 1}, asked={frozenset({"a"})})
    one.join(Tally(requests=2, by_browser=True, headers={"a": 1, "b": 2}, probes=1))
    assert (one.requests, one.cookies, one.by_browser, one.probes) == (3, 1, True, 1)
    assert one.headers == {"a": 2, "b": 2} and one.asked == {frozenset({"a"})}
