"""The decision listener over gRPC: real channels, and frames that no channel would send."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from grpc import StatusCode, aio
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    Event,
    RemoteSettingsChanged,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.events import ResponseReceived as ResponseHead
from h2.settings import SettingCodes
from hyperframe.frame import GoAwayFrame

from cors_proxy.cors.reason import Reason
from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.grpc_messages import CheckResponse, HealthCheckResponse, ProcessingResponse
from tests.wire import Client

from .conftest import CORS, Proxy, Start
from .envoy_asks import APP, EVIL, check_request, processing_request, request

CHECK = "/envoy.service.auth.v3.Authorization/Check"
PROCESS = "/envoy.service.ext_proc.v3.ExternalProcessor/Process"
HEALTH = "/grpc.health.v1.Health/Check"


@pytest.fixture
async def channel(start: Start) -> AsyncIterator[Callable[[str], Any]]:
    """Starts a decision listener, and opens a channel to it."""
    opened: list[aio.Channel] = []

    async def begin(text: str = "", decide: str = "dialect: grpc") -> tuple[Proxy, aio.Channel]:
        proxy = await start(text, decide=decide)
        opened.append(aio.insecure_channel(f"127.0.0.1:{proxy.address[1]}"))
        return proxy, opened[-1]

    yield begin
    for each in opened:
        await each.close()


async def failure(call: Any) -> StatusCode:
    with pytest.raises(aio.AioRpcError) as raised:
        await call
    return raised.value.code()


async def test_calls_of_both_services(channel: Callable[..., Any]) -> None:
    proxy, opened = await channel()
    check = opened.unary_unary(CHECK)
    answers = await asyncio.gather(
        *(check(check_request(request(line))) for line in [APP, EVIL] * 20), opened.unary_unary(HEALTH)(b"")
    )
    codes = [CheckResponse.FromString(answer).status.code for answer in answers[:-1]]
    assert codes == [0, 7] * 20 and HealthCheckResponse.FromString(answers[-1]).status == 1
    call = opened.stream_stream(PROCESS)()
    await call.write(processing_request(request(APP)))
    assert ProcessingResponse.FromString(await call.read()).HasField("request_headers")
    await call.write(processing_request([(b":status", b"200")], "response_headers"))
    assert ProcessingResponse.FromString(await call.read()).HasField("response_headers")
    assert await call.read() is aio.EOF and await call.code() is StatusCode.OK
    call = opened.stream_stream(PROCESS)()
    await call.write(processing_request(request(EVIL)))
    assert ProcessingResponse.FromString(await call.read()).immediate_response.status.code == 403
    assert await call.read() is aio.EOF and await call.code() is StatusCode.OK
    assert len(proxy.notes.ended) == 42 and proxy.notes.open == 1


async def test_calls_that_fail(channel: Callable[..., Any]) -> None:
    proxy, opened = await channel()
    check = opened.unary_unary(CHECK)
    assert await failure(check(b"\xff")) is StatusCode.INVALID_ARGUMENT
    assert await failure(check(b"\0" * (200 << 10))) is StatusCode.RESOURCE_EXHAUSTED
    assert await failure(opened.unary_unary("/a.B/C")(b"")) is StatusCode.UNIMPLEMENTED
    call = opened.stream_stream(PROCESS)()
    await call.write(processing_request([(b":status", b"200")], "response_headers"))
    assert await failure(call.read()) is StatusCode.FAILED_PRECONDITION
    assert [bad.reason for bad in proxy.notes.bad] == [Reason.ASK_MALFORMED] * 4
    # The connection lives on.
    assert await check(check_request(request(APP))) and proxy.notes.open == 1


async def test_only_who_is_trusted_may_ask(channel: Callable[..., Any]) -> None:
    proxy, opened = await channel()
    check = opened.unary_unary(CHECK)
    await check(check_request(request(APP)))
    policy = f"version: 1\ndecide: {{listen: 127.0.0.1:0, dialect: grpc, trust: [192.0.2.1]}}\n{CORS}"
    proxy.edge.swap(parse_policy(policy, "p", "")[0])
    assert await failure(check(check_request(request(APP)))) is StatusCode.PERMISSION_DENIED
    peer = await Peer.dial(proxy)
    assert (await peer.until(ConnectionTerminated)).error_code == ErrorCodes.INADEQUATE_SECURITY
    assert [bad.reason for bad in proxy.notes.bad] == [Reason.ASK_NOT_TRUSTED] * 2
    assert len(proxy.notes.ended) == 1


async def test_a_drain_loses_no_ask(channel: Callable[..., Any]) -> None:
    proxy, opened = await channel()
    call = opened.stream_stream(PROCESS)()
    await call.write(processing_request(request(APP)))
    await call.read()
    draining = asyncio.create_task(proxy.edge.drain())
    await asyncio.sleep(0)  # it has begun
    await call.write(processing_request([(b":status", b"200")], "response_headers"))
    assert ProcessingResponse.FromString(await call.read()).HasField("response_headers")
    await opened.close()
    await draining
    assert [record.fault for record in proxy.notes.ended] == [None]


class Peer:
    """Sends any frames."""

    def __init__(self, client: Client) -> None:
        self._reader, self._writer = client.reader, client.writer
        self.h2 = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._events: list[Event] = []
        self.raw = b""

    @classmethod
    async def dial(cls, proxy: Proxy) -> "Peer":
        peer = cls(await proxy.dial())
        peer.h2.initiate_connection()
        peer.flush()
        return peer

    def leave(self) -> None:
        self._writer.close()

    def flush(self) -> None:
        self._writer.write(self.h2.data_to_send())

    def call(
        self, path: str = CHECK, data: bytes = b"", *, end: bool = False, more: dict[str, str] | None = None
    ) -> int:
        stream = self.h2.get_next_available_stream_id()
        headers = {":method": "POST", ":scheme": "http", ":authority": "a", ":path": path}
        headers["content-type"] = "application/grpc"
        headers |= more or {}
        self.h2.send_headers(stream, list(headers.items()))
        self.h2.send_data(stream, data, end_stream=end)
        self.flush()
        return stream

    async def until(self, kind: type[Any]) -> Any:
        """The next event of this kind."""
        async with asyncio.timeout(10):
            while True:
                while self._events:
                    if isinstance(event := self._events.pop(0), kind):
                        return event
                data = await self._reader.read(65536)
                assert data, "the connection has ended"
                self.raw += data
                self._events = list(self.h2.receive_data(data))
                self.flush()

    async def ended(self) -> None:
        async with asyncio.timeout(10):
            while data := await self._reader.read(65536):
                self.raw += data


def framed(message: bytes, flag: int = 0) -> bytes:
    return b"%c%b%b" % (flag, len(message).to_bytes(4, "big"), message)


def code(event: Any) -> bytes:
    return bytes(dict(event.headers)[b"grpc-status"])


async def test_a_client_that_leaves(channel: Callable[..., Any]) -> None:
    proxy, opened = await channel()
    call = opened.stream_stream(PROCESS)()
    await call.write(processing_request(request(APP)))
    await call.read()
    call.cancel()
    await proxy.notes.until(lambda: len(proxy.notes.ended) == 1)
    peer = await Peer.dial(proxy)
    peer.call(PROCESS, framed(processing_request(request(APP))))
    await peer.until(ResponseHead)
    peer.leave()
    await proxy.notes.until(lambda: len(proxy.notes.ended) == 2)
    assert [record.fault for record in proxy.notes.ended] == [Reason.CLIENT_GONE] * 2


async def test_calls_at_once_are_bounded(start: Start) -> None:
    peer = await Peer.dial(await start(decide="dialect: grpc"))
    changed = (await peer.until(RemoteSettingsChanged)).changed_settings
    assert changed[SettingCodes.MAX_CONCURRENT_STREAMS].new_value == 1024
    assert changed[SettingCodes.MAX_HEADER_LIST_SIZE].new_value == 16384


async def test_a_message_in_pieces(start: Start) -> None:
    proxy = await start(decide="dialect: grpc")
    peer = await Peer.dial(proxy)
    data = framed(check_request(request(APP)))
    stream = peer.call()
    for byte in data:
        peer.h2.send_data(stream, bytes((byte,)))
        peer.flush()
    peer.h2.end_stream(stream)
    peer.flush()
    assert code(await peer.until(TrailersReceived)) == b"0"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (framed(b"", 1), b"12"),  # compressed
        (framed(check_request(request(APP)))[:-1], b"3"),
        (b"\0\xff\xff\xff\xff", b"8"),
        (b"", b"3"),
    ],
)
async def test_calls_that_no_channel_makes(start: Start, data: bytes, expected: bytes) -> None:
    proxy = await start(decide="dialect: grpc")
    peer = await Peer.dial(proxy)
    peer.call(data=data, end=True)
    assert code(await peer.until(ResponseHead)) == expected and not proxy.notes.ended


@pytest.mark.parametrize("end", [True, False])
@pytest.mark.parametrize("more", [{"content-type": "text/plain"}, {":method": "PUT"}])
async def test_what_is_not_grpc(start: Start, more: dict[str, str], end: bool) -> None:
    peer = await Peer.dial(await start(decide="dialect: grpc"))
    peer.call(more=more, end=end)
    assert dict((await peer.until(ResponseHead)).headers)[b":status"] == b"415"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 1),
        (b"\x16\x03\x01", 1),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0),  # `cors-proxy healthcheck`
    ],
)
async def test_what_is_not_http2(start: Start, data: bytes, said: int) -> None:
    proxy = await start(decide="dialect: grpc")
    client = await proxy.dial()
    await client.send(data)
    await proxy.notes.until(lambda: not proxy.notes.open)
    assert not proxy.notes.ended and len(proxy.notes.bad) == said


async def test_a_window_of_nothing_holds_the_answer_back(start: Start) -> None:
    proxy = await start(decide="dialect: grpc")
    peer = await Peer.dial(proxy)
    peer.h2.update_settings({4: 0})  # SETTINGS_INITIAL_WINDOW_SIZE
    stream = peer.call(data=framed(check_request(request(APP))), end=True)
    await peer.until(ResponseHead)
    peer.h2.increment_flow_control_window(10_000, stream)
    peer.flush()
    assert code(await peer.until(TrailersReceived)) == b"0"


async def test_a_call_after_its_last_answer_is_reset(start: Start) -> None:
    peer = await Peer.dial(await start(decide="dialect: grpc"))
    peer.call(PROCESS, framed(processing_request(request(EVIL))))
    assert code(await peer.until(TrailersReceived)) == b"0"
    assert (await peer.until(StreamReset)).error_code == ErrorCodes.NO_ERROR


async def test_a_stream_that_ends_without_a_message_more(start: Start) -> None:
    proxy = await start(decide="dialect: grpc")
    peer = await Peer.dial(proxy)
    peer.call(PROCESS, framed(processing_request(request(APP))), end=True)
    await peer.until(StreamEnded)
    assert [record.fault for record in proxy.notes.ended] == [Reason.CLIENT_GONE]


async def test_the_times(start: Start) -> None:
    """A message that does not become whole; and a connection without calls."""
    text = "server: {timeouts: {request_header: 0.1, keep_alive: 0.2}}\n"
    proxy = await start(text, decide="dialect: grpc")
    peer = await Peer.dial(proxy)
    peer.call(data=b"\0\0")
    assert code(await peer.until(ResponseHead)) == b"4"
    peer.call(data=framed(check_request(request(APP))), end=True)
    assert code(await peer.until(TrailersReceived)) == b"0"
    await peer.ended()
    # Calls that are on their way when it says so are answered: the last one is no certain one.
    assert GoAwayFrame(0, last_stream_id=(1 << 31) - 1).serialize() in peer.raw
