"""One server span for each sampled request, sent by OTLP over HTTP.  Needs the extra `otel`.

The data path knows nothing of it: a span is made after the request has ended, with the identities
that the upstream got (`proxy/trace_context.py`, ADR 12).  A thread of the SDK sends the spans; its
queue is bounded, and what does not fit is dropped.

https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)

from .. import __version__
from ..cors.escape import LIMIT
from ..cors.hosts import split_port
from ..policy.model import Tracing
from ..proxy.recorder import Exchange
from ..proxy.trace_context import Trace
from .access_log import decision_label
from .recorder import outcome

FLUSH_SECONDS: Final = 2.0  # for the last spans, when the process ends
_LIBRARY: Final = "opentelemetry"
_DEFAULT_NAME: Final = "cors-proxy"
_UNNAMED: Final = "unknown_service"  # what the SDK writes where nothing names the service
# Those that the conventions know, without CONNECT and TRACE, which the proxy refuses.
_METHODS: Final = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY"))
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

Report = Callable[[str], None]


class Spans:
    """Called with each finished exchange that is sampled.  Make it in the loop."""

    def __init__(self, tracing: Tracing, report: Report, failure: Callable[[BaseException], None]) -> None:
        self._failure = failure
        self._log = _Handler(report, asyncio.get_running_loop())
        self._log.attach()
        self._ids = _ChosenIds()
        # Sampled is what the data path sampled, whatever OTEL_TRACES_SAMPLER says.
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=_resource(tracing.service_name),
            id_generator=self._ids,
            shutdown_on_exit=False,
        )
        endpoint = None if tracing.otlp is None else f"{tracing.otlp}/v1/traces"
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint)))
        self._tracer = self._provider.get_tracer("cors-proxy", __version__)

    def __call__(self, exchange: Exchange) -> None:
        trace = exchange.trace
        assert trace is not None
        try:
            self._record(exchange, trace)
        except Exception as error:  # a bug here must not break the request
            self._failure(error)

    def _record(self, exchange: Exchange, trace: Trace) -> None:
        ended = time.time_ns()
        started = ended - int((exchange.ended - exchange.started) * 1e9)
        method = exchange.method.decode("latin-1")
        # Clients choose the method, and names of spans must be few.
        name = method if method in _METHODS else "HTTP"
        self._ids.trace_id, self._ids.span_id = int(trace.trace_id, 16), int(trace.span_id, 16)
        span = self._tracer.start_span(
            f"{name} {trace.route}",
            _parent(trace),
            SpanKind.SERVER,
            _attributes(exchange, trace, method),
            start_time=started,
        )
        # 4xx is no error of a server.
        if exchange.status >= 500 or outcome(exchange) == "failed":
            span.set_status(StatusCode.ERROR)
        span.end(ended)

    async def close(self) -> None:
        """Sends what is queued, for a bounded time: a collector that is down must not hold the end."""
        # Not a thread of the executor: its end would be waited for.
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def shut_down() -> None:
            self._provider.shutdown()
            self._log.detach()  # not before: its thread logs until then
            with contextlib.suppress(RuntimeError):  # the loop has ended before
                loop.call_soon_threadsafe(done.set)

        threading.Thread(target=shut_down, name="spans-close", daemon=True).start()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), FLUSH_SECONDS)


class _ChosenIds(IdGenerator):
    """The upstream got the identities before there was a span."""

    trace_id = span_id = 0

    def generate_trace_id(self) -> int:
        return self.trace_id

    def generate_span_id(self) -> int:
        return self.span_id


class _Handler(logging.Handler):
    """What the SDK logs, from its thread, as one event with a bounded rate."""

    def __init__(self, report: Report, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(logging.WARNING)
        self._report, self._loop = report, loop

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._report, record.getMessage()[:LIMIT])

    def attach(self) -> None:
        logger = logging.getLogger(_LIBRARY)
        logger.propagate = False
        logger.addHandler(self)

    def detach(self) -> None:
        logger = logging.getLogger(_LIBRARY)
        logger.removeHandler(self)
        logger.propagate = True


def _resource(service_name: str | None) -> Resource:
    resource = Resource.create({SERVICE_VERSION: __version__})
    if service_name is None and str(resource.attributes[SERVICE_NAME]).startswith(_UNNAMED):
        service_name = _DEFAULT_NAME
    return resource if service_name is None else resource.merge(Resource({SERVICE_NAME: service_name}))


def _parent(trace: Trace) -> Context:
    if not trace.parent_id:
        return Context()
    state = TraceState.from_header([trace.state.decode("ascii")]) if trace.state else None
    parent = SpanContext(
        int(trace.trace_id, 16), int(trace.parent_id, 16), True, TraceFlags(trace.flags), state
    )
    return set_span_in_context(NonRecordingSpan(parent), Context())


def _text(value: bytes) -> str:
    """A client's bytes, bounded as in the access log."""
    return value[:LIMIT].decode("utf-8", "backslashreplace")


def _attributes(exchange: Exchange, trace: Trace, method: str) -> dict[str, str | int]:
    """Without the query, which holds tokens."""
    host, port = split_port(exchange.host)
    known = method in _METHODS
    found: dict[str, str | int] = {
        "http.request.method": method if known else "_OTHER",
        "url.path": _text(exchange.target.partition(b"?")[0]),
        "url.scheme": exchange.scheme,
        "server.address": _text(host),
        "server.port": int(port) if port else _DEFAULT_PORTS[exchange.scheme],
        "http.route": trace.route,
        "network.protocol.version": exchange.version,
        "cors.decision": decision_label(exchange.decision),
    }
    if not known:
        found["http.request.method_original"] = _text(exchange.method)
    if exchange.peer:
        found["client.address"] = exchange.peer
    if exchange.user_agent is not None:
        found["user_agent.original"] = _text(exchange.user_agent)
    if exchange.status:
        found["http.response.status_code"] = exchange.status
    decision = exchange.decision
    if decision is not None:
        found["cors.reason"] = decision.reason.value
        if decision.rule is not None:
            found["cors.rule"] = str(decision.rule)
    if exchange.fault is not None:
        found["error.type"] = exchange.fault.value
    elif exchange.status >= 500:
        found["error.type"] = str(exchange.status)
    return found
