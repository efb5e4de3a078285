"""How long each phase of a client's connection may last.  Times are given, so nothing waits here."""

import asyncio
from typing import Any

import pytest

from cors_proxy.cors.reason import Reason
from cors_proxy.proxy.bounds import Bounds, bounds_by_route
from cors_proxy.proxy.client_clock import NOTHING, OVER, STALLED, ClientClock, UploadClock
from cors_proxy.proxy.client_phase import CLOSED, EXCHANGE, IDLE, LINGERING, READING_HEAD, TUNNEL
from cors_proxy.proxy.outbox import Outbox
from cors_proxy.proxy.request_head import read_request
from cors_proxy.proxy.request_reader import Message
from cors_proxy.proxy.transport import Transport
from tests.policy.reading import read


class Socket:
    """A socket's transport with these bytes in it."""

    def __init__(self) -> None:
        self.pending, self.closing = 0, False

    def get_write_buffer_size(self) -> int:
        return self.pending

    def get_extra_info(self, name: str) -> None:
        return None

    def is_closing(self) -> bool:
        return self.closing


def raises(error: BaseException) -> None:
    raise error


@pytest.fixture
async def raw() -> Socket:
    return Socket()


@pytest.fixture
async def transport(raw: Socket) -> Transport:
    return Transport(Outbox(asyncio.get_running_loop(), raises), raw)


def due(clock: ClientClock, phase: int, transport: Transport, *times: float, write_idle: float = 5) -> Any:
    return [clock.due(phase, transport, write_idle, now) for now in times]


async def test_between_requests_it_is_over_when_keep_alive_is(transport: Transport) -> None:
    clock = ClientClock()
    clock.between_requests(100.0, 60.0, False)
    assert clock.deadline == 101.0, "a first look, for what may wait in the kernel"
    assert due(clock, IDLE, transport, 101.0) == [NOTHING] and clock.deadline == 160.0
    assert due(clock, IDLE, transport, 160.0) == [OVER]


async def test_a_head_has_its_own_time(transport: Transport) -> None:
    clock = ClientClock()
    clock.reading_head(110.0, False)
    assert clock.deadline == 110.0
    assert due(clock, READING_HEAD, transport, 109.0, 110.0) == [NOTHING, OVER]


async def test_a_client_that_takes_nothing_is_looked_at_in_every_phase(
    transport: Transport, raw: Socket
) -> None:
    raw.pending = 10
    for phase in (IDLE, READING_HEAD, EXCHANGE, LINGERING, TUNNEL, CLOSED):
        clock = ClientClock()
        clock.between_requests(100.0, 60.0, True)
        assert clock.deadline == 0.0
        assert due(clock, phase, transport, 100.0, 104.0, 105.0) == [NOTHING, NOTHING, STALLED], phase


async def test_what_waits_in_the_kernel_is_looked_at_again(transport: Transport, raw: Socket) -> None:
    clock = ClientClock()
    clock.between_requests(100.0, 60.0, False)
    raw.pending = 10
    assert due(clock, IDLE, transport, 101.0) == [NOTHING] and clock.deadline == 0.0


async def test_lingering_lasts_while_the_last_response_is_taken(transport: Transport, raw: Socket) -> None:
    clock = ClientClock()
    clock.linger(100.0, 6.0)
    raw.pending = 10
    assert due(clock, LINGERING, transport, 100.0) == [NOTHING]
    raw.pending = 5
    assert due(clock, LINGERING, transport, 104.0) == [NOTHING]
    raw.pending = 0
    assert due(clock, LINGERING, transport, 109.0, 110.0) == [NOTHING, OVER]


async def test_the_idle_times_do_not_count_elsewhere(transport: Transport, raw: Socket) -> None:
    clock = ClientClock()
    clock.between_requests(100.0, 1.0, False)
    assert due(clock, EXCHANGE, transport, 200.0) == [NOTHING]
    raw.closing = True
    assert due(clock, IDLE, transport, 200.0) == [NOTHING]


@pytest.fixture
def bounds() -> Bounds:
    (found,) = bounds_by_route(read("server: {timeouts: {body_idle: 10s}, limits: {minimum_rate: 100}}\n"))
    return found


def upload() -> Message:
    head = read_request(b"Host: a\r\nContent-Length: 100000\r\n\r\n", False)
    return Message(b"POST", b"/", head)


def test_a_body_that_stops_is_late(bounds: Bounds) -> None:
    clock, message = UploadClock(), upload()
    clock.start(100.0)
    message.received = 5000
    clock.moved(105.0)
    assert clock.fault(message, bounds, 100.0, 114.9) is None
    assert clock.fault(message, bounds, 100.0, 115.0) is Reason.REQUEST_TIMEOUT


def test_a_body_that_drips_is_too_slow(bounds: Bounds) -> None:
    clock, message = UploadClock(), upload()
    clock.start(100.0)
    found = []
    for now in range(101, 112):
        message.received += 1
        clock.moved(now)
        found.append(clock.fault(message, bounds, 100.0, now))
    assert found == [None] * 9 + [Reason.BODY_TOO_SLOW] + [None]


def test_time_in_which_somebody_else_was_waited_for_does_not_count(bounds: Bounds) -> None:
    clock, message = UploadClock(), upload()
    clock.start(100.0)
    for now in range(101, 200):
        clock.excuse(now)
        assert clock.fault(message, bounds, 100.0, now) is None
        clock.moved(now)
        clock.held_back()
        assert clock.fault(message, bounds, 100.0, now) is None
