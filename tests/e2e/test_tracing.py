"""Spans of a real process, at a real collector."""

import asyncio
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .. import wire
from .collector import Collector, collector
from .conftest import APP, Running, Start

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
FAST = {"OTEL_BSP_SCHEDULE_DELAY": "50"}  # milliseconds between two exports
CLOSED = "unix:/nowhere/api.sock"


def traceparent(flags: str = "01") -> str:
    return f"00-{TRACE}-{PARENT}-{flags}"


@pytest.fixture
async def spans() -> AsyncIterator[Collector]:
    async with collector() as found:
        yield found


@pytest.fixture
async def api() -> AsyncIterator[wire.Upstream]:
    api = wire.Upstream()
    await api.start()
    yield api
    await api.stop()


def tracing(spans: Collector, more: str = "") -> str:
    return f"server: {{tracing: {{otlp: {spans.url}{more}}}}}\n"


def routed(api: wire.Upstream) -> str:
    return (
        f"routes:\n  - {{name: wire, path: /wire/**, upstream: 'http://127.0.0.1:{api.port}'}}\n"
        f"  - {{name: closed, path: /closed/**, upstream: '{CLOSED}'}}\n"
    )


def parents(seen: wire.Seen) -> tuple[str, str, str]:
    (value,) = seen.all("traceparent")
    found = re.fullmatch(r"00-([0-9a-f]{32})-([0-9a-f]{16})-(0[0-3])", value)
    assert found, value
    return found[1], found[2], found[3]


async def test_a_forwarded_request(start: Start, spans: Collector, api: wire.Upstream) -> None:
    proxy = await start(tracing(spans) + routed(api), environment=FAST)
    headers = {
        "Origin": APP, "traceparent": traceparent(), "tracestate": "a=1,b=2", "User-Agent": "ua",
        "Host": "api.example:8443",
    }  # fmt: skip
    assert (await proxy.ask("/wire/x?token=secret", headers=headers))[0] == 200
    (span,) = await spans.wait_for(1)
    assert (span.name, span.kind, span.status) == ("GET /wire/**", 2, 0)
    assert (span.trace_id, span.parent_id, span.state) == (TRACE, PARENT, "a=1,b=2")
    assert 0 < span.seconds < 20
    rule = span.attributes.pop("cors.rule")
    assert rule == f"{proxy.path}:5"
    assert span.attributes == {
        "http.request.method": "GET",
        "url.path": "/wire/x",
        "url.scheme": "http",
        "server.address": "api.example",
        "server.port": 8443,
        "client.address": "127.0.0.1",
        "http.response.status_code": 200,
        "http.route": "/wire/**",
        "network.protocol.version": "1.1",
        "user_agent.original": "ua",
        "cors.decision": "forward",
        "cors.reason": "origin-allowed",
    }
    assert span.resource["service.name"] == "cors-proxy"
    # The API's own span is a child of ours, and the log names ours.
    seen = api.requests[0]
    assert parents(seen) == (TRACE, span.span_id, "01")
    assert seen.all("tracestate") == ["a=1,b=2"]
    await proxy.until(lambda: proxy.access)
    assert f'"trace_id":"{TRACE}","span_id":"{span.span_id}"' in proxy.access[0]


async def test_refused_preflight_502_and_error(start: Start, spans: Collector, api: wire.Upstream) -> None:
    async def fail(link: wire.Link, seen: wire.Seen) -> None:
        await link.send(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")

    api.script = fail
    proxy = await start(tracing(spans) + routed(api), environment=FAST)
    evil = {"Origin": "https://evil.example"}
    asked = {"Origin": APP, "Access-Control-Request-Method": "GET"}
    assert (await proxy.ask("/", headers=evil))[0] == 403
    assert (await proxy.ask("/", method="OPTIONS", headers=asked))[0] == 204
    assert (await proxy.ask("/closed/x"))[0] == 502
    assert (await proxy.ask("/wire/x", method="PROPFIND"))[0] == 503
    refused, preflight, failed, busy = sorted(
        await spans.wait_for(4),
        key=lambda span: [403, 204, 502, 503].index(span.attributes["http.response.status_code"]),
    )
    assert (refused.name, refused.status, refused.parent_id) == ("GET /**", 0, "")
    assert refused.attributes["cors.decision"] == "refuse"
    assert refused.attributes["cors.reason"] == "origin-not-allowed"
    assert "error.type" not in refused.attributes
    assert (preflight.name, preflight.attributes["cors.decision"]) == ("OPTIONS /**", "answer")
    assert preflight.attributes["cors.reason"] == "preflight-allowed"
    assert (failed.name, failed.status) == ("GET /closed/**", 2)
    assert failed.attributes["error.type"] == "upstream-unreachable"
    assert (busy.name, busy.status, busy.attributes["error.type"]) == ("HTTP /wire/**", 2, "503")
    assert busy.attributes["http.request.method"] == "_OTHER"
    assert busy.attributes["http.request.method_original"] == "PROPFIND"


async def test_a_websocket(start: Start, spans: Collector, api: wire.Upstream) -> None:
    async def accept(link: wire.Link, seen: wire.Seen) -> None:
        await link.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        )
        await link.ended()

    api.script = accept
    proxy = await start(tracing(spans) + routed(api), environment=FAST)
    client = wire.Client(*await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2])))
    await client.send(
        b"GET /wire/s HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"traceparent: %b\r\n\r\n" % traceparent().encode()
    )
    assert (await client.answer()).status == 101
    assert spans.spans == []
    client.close()
    (span,) = await spans.wait_for(1)
    assert span.attributes["http.response.status_code"] == 101
    assert parents(api.requests[0]) == (TRACE, span.span_id, "01")


async def exchange(proxy: Running, api: wire.Upstream, *lines: bytes) -> wire.Seen:
    client = wire.Client(*await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2])))
    count = len(api.requests) + 1
    head = b"".join(line + b"\r\n" for line in lines)
    await client.send(b"GET /wire/x HTTP/1.1\r\nHost: a\r\n%b\r\n" % head)
    assert (await client.answer()).status == 200
    client.close()
    return await api.request(count)


async def test_sampling(start: Start, spans: Collector, api: wire.Upstream) -> None:
    """0 %: only a parent that is sampled.  The API gets a parent either way."""
    proxy = await start(tracing(spans, ", sample: 0%") + routed(api), environment=FAST)
    trace, own, flags = parents(await exchange(proxy, api))
    assert (trace != TRACE, own != PARENT, flags) == (True, True, "00")
    trace, own, flags = parents(await exchange(proxy, api, b"traceparent: " + traceparent("00").encode()))
    assert (trace, own != PARENT, flags) == (TRACE, True, "00")
    trace, own, flags = parents(await exchange(proxy, api, b"traceparent: " + traceparent("03").encode()))
    assert (trace, flags) == (TRACE, "03")
    (span,) = await spans.wait_for(1)
    assert span.span_id == own
    proxy.signal(signal.SIGTERM)
    assert await proxy.end() == 0
    assert len(spans.spans) == 1


async def test_a_parent_that_is_not_sampled_wins_over_100_percent(
    start: Start, spans: Collector, api: wire.Upstream
) -> None:
    proxy = await start(tracing(spans, ", sample: 100%") + routed(api))
    await exchange(proxy, api, b"traceparent: " + traceparent("00").encode())
    _, own, flags = parents(await exchange(proxy, api))
    assert flags == "01"
    proxy.signal(signal.SIGTERM)
    assert await proxy.end() == 0
    assert [span.span_id for span in spans.spans] == [own]


async def test_clients_cannot_flood_the_collector(start: Start, spans: Collector, api: wire.Upstream) -> None:
    """A client's flag asks for a span, up to a rate; the API then gets the flag 0."""
    proxy = await start(tracing(spans, ", sample: 0%, parent_rate: 1") + routed(api), environment=FAST)
    flags = list[str]()
    while "00" not in flags:  # soon: a request takes milliseconds, a token a second
        trace, own, flag = parents(
            await exchange(proxy, api, b"traceparent: " + traceparent().encode(), b"tracestate: a=1")
        )
        assert (trace, own != PARENT, api.requests[-1].all("tracestate")) == (TRACE, True, ["a=1"])
        flags.append(flag)
    assert flags[0] == "01"
    assert len(await spans.wait_for(flags.count("01"))) == flags.count("01")
    assert await proxy.count('cors_proxy_spans_dropped_total{reason="parent-rate"}') == 1


@pytest.mark.parametrize(
    "lines",
    [
        [b"traceparent: 00-%b-%b-01" % (b"0" * 32, PARENT.encode())],
        [b"traceparent: 00-%b-%b-01" % (TRACE.encode(), b"0" * 16)],
        [b"traceparent: ff-%b-%b-01" % (TRACE.encode(), PARENT.encode())],
        [b"traceparent: " + traceparent().upper().encode()],
        [b"traceparent: " + traceparent().encode()] * 2,
        [b"traceparent: " + traceparent().encode() + b"-more"],
        [b"traceparent: \xff\xfe" + traceparent().encode()[2:]],
        [b"TraceParent:"],
        [b"tracestate: a=1"],
    ],
)
async def test_a_bad_traceparent_is_replaced(
    start: Start, spans: Collector, api: wire.Upstream, lines: list[bytes]
) -> None:
    proxy = await start(tracing(spans) + routed(api), environment=FAST)
    seen = await exchange(proxy, api, *lines, b"tracestate: b=2")
    trace, own, _ = parents(seen)
    assert trace != TRACE and seen.all("tracestate") == []
    (span,) = await spans.wait_for(1)
    assert (span.trace_id, span.span_id, span.parent_id) == (trace, own, "")


@pytest.mark.parametrize(
    ("lines", "state", "span_state"),
    [
        ([b"tracestate: a=1", b"TraceState: b=2"], ["a=1,b=2"], "a=1,b=2"),
        ([b"tracestate: a=" + b"x" * 600], [], ""),
        ([b"tracestate: " + b",".join(b"k%d=1" % i for i in range(33))], [], ""),
        ([b"tracestate: a=\xff"], [], ""),
        ([b"tracestate: not a member"], [], ""),
        (
            [b"tracestate: a=1,,b=2 ", b"tracestate:", b"tracestate: c=" + b"x" * 200],
            ["a=1,b=2,c=" + "x" * 200],
            "a=1,b=2,c=" + "x" * 200,
        ),
    ],
)
async def test_tracestate(
    start: Start, spans: Collector, api: wire.Upstream, lines: list[bytes], state: list[str], span_state: str
) -> None:
    proxy = await start(tracing(spans) + routed(api), environment=FAST)
    seen = await exchange(proxy, api, b"traceparent: " + traceparent().encode(), *lines)
    assert (parents(seen)[0], seen.all("tracestate")) == (TRACE, state)
    (span,) = await spans.wait_for(1)
    assert (span.trace_id, span.state) == (TRACE, span_state)


async def test_without_tracing_the_client_s_lines_pass(start: Start, api: wire.Upstream) -> None:
    proxy = await start(routed(api))
    seen = await exchange(proxy, api, b"traceparent: x", b"tracestate: a=1")
    assert (seen.all("traceparent"), seen.all("tracestate")) == (["x"], ["a=1"])


async def test_the_variables_say_what_the_policy_does_not(start: Start) -> None:
    async with collector("/base/v1/traces") as spans:
        proxy = await start(
            "server: {tracing: {}}\n",
            environment=FAST
            | {
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"{spans.url}/base",
                "OTEL_EXPORTER_OTLP_HEADERS": "x-key=secret",
                "OTEL_SERVICE_NAME": "edge",
                "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
            },
        )
        assert (await proxy.ask("/"))[0] == 200
        (span,) = await spans.wait_for(1)
        assert span.resource["service.name"] == "edge"
        assert span.resource["deployment.environment.name"] == "test"
        assert spans.headers[0]["x-key"] == "secret"


async def test_the_policy_says_more_than_the_variables(start: Start, spans: Collector) -> None:
    environment = FAST | {"OTEL_SERVICE_NAME": "edge", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    proxy = await start(tracing(spans, ", service_name: named"), environment=environment)
    assert (await proxy.ask("/"))[0] == 200
    (span,) = await spans.wait_for(1)
    assert span.resource["service.name"] == "named"


async def test_the_last_spans_come_from_every_worker(start: Start, spans: Collector) -> None:
    proxy = await start(f"server: {{workers: 2, tracing: {{otlp: {spans.url}}}}}\n")
    for _ in range(20):
        assert (await proxy.ask("/"))[0] == 200
    proxy.signal(signal.SIGTERM)
    assert await proxy.end() == 0
    assert len({span.span_id for span in spans.spans}) == 20
    assert len({span.trace_id for span in spans.spans}) == 20


async def test_a_collector_that_is_down(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # takes no connection
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        proxy = await start(f"server: {{tracing: {{otlp: {url}}}}}\n", environment=FAST)
        for _ in range(5):
            assert (await proxy.ask("/"))[0] == 200
        event = await proxy.event("spans-not-sent")
        assert event["severity"] == "WARN" and url.rpartition(":")[2] in event["error.detail"]
        proxy.signal(signal.SIGTERM)
        assert await proxy.end() == 0
    names = {each.get("event.name") for each in proxy.events}
    assert names == {"listening", "spans-not-sent", "draining", "stopped"}


HIDDEN = """
import sys
sys.modules["opentelemetry.sdk"] = None
from cors_proxy.cli.main import main
sys.exit(main(["run", "-c", {policy!r}]))
"""


async def test_without_the_extra(start: Start, tmp_path: Path) -> None:
    code = HIDDEN.format(policy=str(tmp_path / "policy0.yaml"))
    proxy = await start(
        "server: {tracing: {otlp: 'http://127.0.0.1:4318'}}\n",
        command=(sys.executable, "-c", code),
        wait=False,
    )
    assert await proxy.end() == 1
    text = "\n".join(event["text"] for event in proxy.events)
    assert f"{proxy.path}:6:10  E602  server.tracing: the packages of OpenTelemetry are not installed" in text
    assert "pip install 'cors-proxy[otel]'" in text


LOADED = """
import os, signal, sys, threading
from cors_proxy.operate import signals
def exit_process(code):
    print("opentelemetry:", *(name for name in sys.modules if name.startswith("opentelemetry")), file=sys.stderr)
    sys.stderr.flush()
    os._exit(code)
signals.exit_process = exit_process
from cors_proxy.cli.main import main
main(["run", "-c", {policy!r}])
"""


async def test_nothing_is_imported_without_the_key(start: Start, tmp_path: Path) -> None:
    code = LOADED.format(policy=str(tmp_path / "policy0.yaml"))
    proxy = await start(command=(sys.executable, "-c", code))
    assert (await proxy.ask("/"))[0] == 200
    proxy.signal(signal.SIGTERM)
    assert await proxy.end() == 0
    assert [event["text"] for event in proxy.events if "text" in event] == ["opentelemetry:\n"]
