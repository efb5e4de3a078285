"""A collector of OpenTelemetry: it takes spans by OTLP over HTTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATIENCE = 20.0  # seconds until a test gives up; never waited for


@dataclass
class Span:
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    kind: int
    status: int
    state: str
    attributes: dict[str, Any]
    resource: dict[str, Any]
    seconds: float


@dataclass
class Collector:
    url: str = ""
    spans: list[Span] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_for(self, count: int) -> list[Span]:
        async with asyncio.timeout(PATIENCE):
            while len(self.spans) < count:
                self.arrived.clear()
                await self.arrived.wait()
        assert len(self.spans) == count
        return self.spans

    async def take(self, request: web.Request) -> web.Response:
        message = ExportTraceServiceRequest.FromString(await request.read())
        self.headers.append(dict(request.headers))
        for of_resource in message.resource_spans:
            resource = values(of_resource.resource.attributes)
            for scope in of_resource.scope_spans:
                for span in scope.spans:
                    self.spans.append(
                        Span(
                            span.name,
                            span.trace_id.hex(),
                            span.span_id.hex(),
                            span.parent_span_id.hex(),
                            span.kind,
                            span.status.code,
                            span.trace_state,
                            values(span.attributes),
                            resource,
                            (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                        )
                    )
        self.arrived.set()
        return web.Response(content_type="application/x-protobuf")


def values(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


@contextlib.asynccontextmanager
async def collector(path: str = "/v1/traces") -> AsyncIterator[Collector]:
    found = Collector()
    app = web.Application()
    app.router.add_post(path, found.take)
    async with TestServer(app, host="127.0.0.1") as server:
        found.url = f"http://127.0.0.1:{server.port}"
        yield found
