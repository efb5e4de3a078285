from cors_proxy.proxy.token_bucket import TokenBucket


def test_burst_then_rate() -> None:
    bucket = TokenBucket(rate=2.0, burst=3.0)
    assert [bucket.take(10.0) for _ in range(5)] == [True, True, True, False, False]
    assert bucket.take_refused() == 2
    assert bucket.take_refused() == 0
    assert [bucket.take(11.0) for _ in range(3)] == [True, True, False]


def test_never_more_than_the_burst() -> None:
    bucket = TokenBucket(rate=100.0, burst=2.0)
    bucket.take(0.0)
    assert [bucket.take(1e6) for _ in range(3)] == [True, True, False]
