"""What a span says of an exchange.  Whole processes are in tests/e2e/test_tracing.py."""

import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from cors_proxy.operate.events import Events
from cors_proxy.operate.recorder import Recorder
from cors_proxy.operate.spans import Spans, record
from cors_proxy.policy.model import Tracing
from cors_proxy.proxy.recorder import Exchange
from cors_proxy.proxy.trace_context import Sampler
from tests.e2e.collector import Collector, Span, collector
from tests.exchanges import exchange


@pytest.fixture
async def spans_collector() -> AsyncIterator[Collector]:
    async with collector() as found:
        yield found


@pytest.fixture
async def recorder(lines: Callable[[], Any]) -> Recorder:
    return Recorder(lines(), Events(lines()), "off")


async def recorded(spans_collector: Collector, recorder: Recorder, *exchanges: Exchange) -> list[Span]:
    spans = Spans(Tracing(spans_collector.url), recorder)
    for each in exchanges:
        spans(each)
    await spans.close()
    assert (recorder.counters.failures, dict(recorder.counters.spans_dropped)) == (0, {})
    return spans_collector.spans


def traced(**changes: Any) -> Exchange:
    lines = Sampler(1, 0, lambda: None).lines(None, None, 1.0)
    return exchange(**{"trace": lines, "pattern": "/items/**"} | changes)


@pytest.mark.parametrize(
    ("host", "scheme", "address", "port"),
    [
        (b"api.example", "https", "api.example", 443),
        (b"api.example:8443", "https", "api.example", 8443),
        (b"api.example", "http", "api.example", 80),
        (b"[::1]:8080", "http", "[::1]", 8080),
        (b"api.example:", "http", "api.example", 80),
    ],
)
async def test_the_server(
    spans_collector: Collector, recorder: Recorder, host: bytes, scheme: str, address: str, port: int
) -> None:
    (span,) = await recorded(spans_collector, recorder, traced(host=host, scheme=scheme))
    assert (span.attributes["server.address"], span.attributes["server.port"]) == (address, port)


async def test_the_query_is_left_out_and_values_are_bounded(
    spans_collector: Collector, recorder: Recorder
) -> None:
    (span,) = await recorded(
        spans_collector,
        recorder,
        traced(target=b"/" + b"x" * 5000 + b"?token=secret", user_agent=b"\xff\x00" * 500),
    )
    assert len(span.attributes["url.path"]) == 256
    assert "secret" not in str(span)
    assert len(span.attributes["user_agent.original"]) < 256 * 4 + 1
    assert span.seconds == pytest.approx(0.0125, abs=1e-6)


async def test_only_sampled_requests_have_a_span(recorder: Recorder) -> None:
    seen = list[Exchange]()
    recorder.spans = seen.append
    sampled = traced()
    for each in (traced(pattern=""), exchange(), sampled):
        recorder.begin(each)
        recorder.end(each)
    assert seen == [sampled]


async def test_a_bug_is_reported_and_not_raised(spans_collector: Collector, recorder: Recorder) -> None:
    spans = Spans(Tracing(spans_collector.url), recorder)
    spans(traced(ended=float("inf")))  # fails in the loop's thread
    spans(traced(scheme="gopher"))  # fails in the sender's
    await spans.close()
    assert recorder.counters.failures == 2
    assert recorder.counters.spans_dropped["not-sent",] == 1


async def test_what_a_collector_refuses_is_counted(recorder: Recorder) -> None:
    async with collector("/elsewhere") as other:  # 404: not tried again
        spans = Spans(Tracing(other.url), recorder)
        for _ in range(3):
            spans(traced())
        await spans.close()
    assert dict(recorder.counters.spans_dropped) == {("not-sent",): 3}


async def test_a_queued_record_is_bounded_in_bytes() -> None:
    huge = b"x" * 60_000
    state = [b"a=" + b"y" * 200]
    lines = Sampler(1, 0, lambda: None).lines(b"cc-%b-%b-01-%b" % (b"a" * 32, b"b" * 16, huge), state, 1.0)
    one = record(
        traced(trace=lines, method=huge, target=b"/" + huge, host=huge, user_agent=huge, traceparent=huge)
    )
    assert sum(len(value) for value in one if isinstance(value, bytes | str)) < 4 * 256 + 512


async def test_the_log_of_the_library_is_given_back(spans_collector: Collector, recorder: Recorder) -> None:
    logger = logging.getLogger("opentelemetry")
    spans = Spans(Tracing(spans_collector.url), recorder)
    assert not logger.propagate and len(logger.handlers) == 1
    await spans.close()
    assert logger.propagate and not logger.handlers
