"""A short run; `make fuzz` is the long one."""

import asyncio

import pytest
import uvloop

from tests.fuzz.harness import fuzz
from tests.fuzz.reading import read_requests


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("seed", "tls"), [(11, False), (12, False), (13, False), (14, True)])
def test_a_bounded_run_finds_nothing(seed: int, tls: bool) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(fuzz(seed, 100 if tls else 400, tls))


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nA : b\r\n\r\n", b"GET /\tHTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: \x00\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 05\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
    ],
)  # fmt: skip
def test_the_oracle_is_strict(raw: bytes) -> None:
    assert read_requests(raw)[1] is False
