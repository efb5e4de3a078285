"""What a span says of an exchange.  Whole processes are in tests/e2e/test_tracing.py."""

import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from cors_proxy.operate.events import Events
from cors_proxy.operate.recorder import Recorder
from cors_proxy.operate.spans import Spans
from cors_proxy.policy.model import Tracing
from cors_proxy.proxy.recorder import Exchange
from cors_proxy.proxy.trace_context import Sampler
from tests.e2e.collector import Collector, Span, collector
from tests.exchanges import exchange


@pytest.fixture
async def spans_collector() -> AsyncIterator[Collector]:
    async with collector() as found:
        yield found


async def recorded(spans_collector: Collector, *exchanges: Exchange) -> list[Span]:
    spans = Spans(Tracing(spans_collector.url), pytest.fail, lambda error: pytest.fail(repr(error)))
    for each in exchanges:
        spans(each)
    await spans.close()
    return spans_collector.spans


def traced(ratio: float = 1, **changes: Any) -> Exchange:
    return exchange(trace=Sampler(ratio).trace(None, None, "/items/**"), **changes)


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
    spans_collector: Collector, host: bytes, scheme: str, address: str, port: int
) -> None:
    (span,) = await recorded(spans_collector, traced(host=host, scheme=scheme))
    assert (span.attributes["server.address"], span.attributes["server.port"]) == (address, port)


async def test_the_query_is_left_out_and_values_are_bounded(spans_collector: Collector) -> None:
    (span,) = await recorded(
        spans_collector, traced(target=b"/" + b"x" * 5000 + b"?token=secret", user_agent=b"\xff\x00" * 500)
    )
    assert len(span.attributes["url.path"]) == 256
    assert "secret" not in str(span)
    assert len(span.attributes["user_agent.original"]) < 256 * 4 + 1
    assert span.seconds == pytest.approx(0.0125, abs=1e-6)


async def test_only_sampled_requests_have_a_span(lines: Callable[[], Any]) -> None:
    recorder, seen = Recorder(lines(), Events(lines()), "off"), list[Exchange]()
    recorder.spans = seen.append
    sampled = traced(1)
    for each in (traced(0), exchange(), sampled):
        recorder.begin(each)
        recorder.end(each)
    assert seen == [sampled]


async def test_a_bug_is_reported_and_not_raised(spans_collector: Collector) -> None:
    errors: list[BaseException] = []
    spans = Spans(Tracing(spans_collector.url), pytest.fail, errors.append)
    spans(traced(scheme="gopher"))
    await spans.close()
    assert [type(error) for error in errors] == [KeyError]


async def test_the_log_of_the_library_is_given_back(spans_collector: Collector) -> None:
    logger = logging.getLogger("opentelemetry")
    spans = Spans(Tracing(spans_collector.url), pytest.fail, lambda error: pytest.fail(repr(error)))
    assert not logger.propagate and len(logger.handlers) == 1
    await spans.close()
    assert logger.propagate and not logger.handlers
