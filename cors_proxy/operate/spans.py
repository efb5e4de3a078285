"""One server span for each sampled request, sent by OTLP over HTTP.  Needs the extra `otel`.

The data path knows nothing of it.  When a sampled request has ended, a record of it is queued; a
thread makes spans of records, with the identities that the upstream got, and sends them
(`proxy/trace_context.py`, `span_sender.py`, ADR 12).

https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from .. import __version__
from ..cors.escape import LIMIT
from ..cors.hosts import split_port
from ..policy.model import Tracing
from ..proxy.recorder import Exchange
from ..proxy.trace_context import parse, span_id, state, trace_id
from .access_log import decision_label
from .recorder import Recorder, outcome
from .span_sender import Sender

FLUSH_SECONDS: Final = 2.0  # for the last spans, when the process ends
_LIBRARY: Final = "opentelemetry"
_DEFAULT_NAME: Final = "cors-proxy"
_UNNAMED: Final = "unknown_service"  # what the SDK writes where nothing names the service
# Those that the conventions know, without CONNECT and TRACE, which the proxy refuses.
_METHODS: Final = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY"))
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_SCOPE: Final = InstrumentationScope("cors-proxy", __version__)
_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
_UNSET: Final = Status(StatusCode.UNSET)
_ERROR: Final = Status(StatusCode.ERROR)

Report = Callable[[str], None]


class Record(NamedTuple):
    """What a span says.  What the client chose is cut, so that the queue is bounded in bytes."""

    lines: bytes  # of `trace_context`
    parent_id: bytes  # empty: the trace begins here
    started: int  # nanoseconds since 1970
    ended: int
    method: bytes
    path: bytes
    pattern: str
    host: bytes
    scheme: str
    version: str
    peer: str
    user_agent: bytes | None
    status: int
    failed: bool
    decision: str
    reason: str
    rule: object  # a place in the policy, or None
    fault: str


def record(exchange: Exchange) -> Record:
    """Of a sampled exchange that has ended now.  Without the query, which holds tokens."""
    ended = time.time_ns()
    decision, fault, agent = exchange.decision, exchange.fault, exchange.user_agent
    parent = None if exchange.traceparent is None else parse(exchange.traceparent)
    return Record(
        exchange.trace,
        b"" if parent is None else parent.span_id,
        ended - int((exchange.ended - exchange.started) * 1e9),
        ended,
        exchange.method[:LIMIT],
        exchange.target.partition(b"?")[0][:LIMIT],
        exchange.pattern,
        exchange.host[:LIMIT],
        exchange.scheme,
        exchange.version,
        exchange.peer,
        None if agent is None else agent[:LIMIT],
        exchange.status,
        # 4xx is no error of a server.
        exchange.status >= 500 or outcome(exchange) == "failed",
        decision_label(decision),
        "" if decision is None else decision.reason.value,
        None if decision is None else decision.rule,
        "" if fault is None else fault.value,
    )


class Spans:
    """Called with each finished exchange that is sampled.  Make it in the loop."""

    def __init__(self, tracing: Tracing, recorder: Recorder) -> None:
        self._recorder = recorder
        self._loop = asyncio.get_running_loop()
        self._log = _Handler(recorder.spans_not_sent, self._loop)
        self._log.attach()
        self._resource = _resource(tracing.service_name)
        self._exporter = OTLPSpanExporter(None if tracing.otlp is None else f"{tracing.otlp}/v1/traces")
        self._done = asyncio.Event()
        self._sender = Sender[Record](
            self._send, lambda: recorder.span_dropped("queue-full"), recorder.spans_not_sent, self._ended
        )

    def __call__(self, exchange: Exchange) -> None:
        try:
            self._sender.add(record(exchange))
        except Exception as error:  # a bug here must not break the request
            self._recorder.failure(error)

    async def close(self) -> None:
        """Sends what is queued, for a bounded time: a collector that is down must not hold the end."""
        self._sender.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._done.wait(), FLUSH_SECONDS)

    def _send(self, records: Sequence[Record]) -> None:
        """In the sender's thread."""
        try:
            result = self._exporter.export([span_of(one, self._resource) for one in records])
        except Exception as error:
            self._in_loop(self._recorder.failure, error)
            result = SpanExportResult.FAILURE
        if result is not SpanExportResult.SUCCESS:
            self._in_loop(self._recorder.span_dropped, "not-sent", len(records))

    def _ended(self) -> None:
        """In the sender's thread."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]
        self._log.detach()  # not before: the exporter logs until then
        self._in_loop(self._done.set)

    def _in_loop(self, call: Callable[..., None], *values: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended before
            self._loop.call_soon_threadsafe(call, *values)


def span_of(one: Record, resource: Resource) -> ReadableSpan:
    """The span of a record.  The SDK's own `Span` costs ten times as much, for what it can change."""
    method = one.method.decode("latin-1")
    trace = int(trace_id(one.lines), 16)
    lines = state(one.lines)
    return ReadableSpan(
        # Clients choose the method, and names of spans must be few.
        f"{method if method in _METHODS else 'HTTP'} {one.pattern}",
        SpanContext(
            trace,
            int(span_id(one.lines), 16),
            False,
            _SAMPLED,
            TraceState.from_header([lines.decode("ascii")]) if lines else None,
        ),
        SpanContext(trace, int(one.parent_id, 16), True) if one.parent_id else None,
        resource,
        _attributes(one, method),
        kind=SpanKind.SERVER,
        status=_ERROR if one.failed else _UNSET,
        start_time=one.started,
        end_time=one.ended,
        instrumentation_scope=_SCOPE,
    )


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


def _attributes(one: Record, method: str) -> dict[str, str | int]:
    host, port = split_port(one.host)
    known = method in _METHODS
    found: dict[str, str | int] = {
        "http.request.method": method if known else "_OTHER",
        "url.path": _text(one.path),
        "url.scheme": one.scheme,
        "server.address": _text(host),
        "server.port": int(port) if port else _DEFAULT_PORTS[one.scheme],
        "http.route": one.pattern,
        "network.protocol.version": one.version,
        "cors.decision": one.decision,
    }
    if not known:
        found["http.request.method_original"] = _text(one.method)
    if one.peer:
        found["client.address"] = one.peer
    if one.user_agent is not None:
        found["user_agent.original"] = _text(one.user_agent)
    if one.status:
        found["http.response.status_code"] = one.status
    if one.reason:
        found["cors.reason"] = one.reason
    if one.rule is not None:
        found["cors.rule"] = str(one.rule)
    if one.fault:
        found["error.type"] = one.fault
    elif one.status >= 500:
        found["error.type"] = str(one.status)
    return found


def _text(value: bytes) -> str:
    """A client's bytes as in the access log."""
    return value.decode("utf-8", "backslashreplace")
