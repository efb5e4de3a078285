"""What wrk prints, read."""

import pytest

from bench.process import BenchError
from bench.wrk import packed, parse

SAID = """Running 1s test @ http://127.0.0.1:8080/
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     0.93ms  310.00us   9.11ms   91.20%
  16986 requests in 1.00s, 26.11MB read
  Socket errors: connect 0, read 1, write 0, timeout 2
Requests/sec:  16986.00
counted requests=16986 micros=1000123 connect=0 read=1 write=0 timeout=2 status=7 p50=892 p99=1610
"""


def test_what_was_counted() -> None:
    counted = parse(SAID)
    assert counted == pytest.approx((16986, 1.000123, 3, 7, 892e-6, 1610e-6))


def test_a_wrk_that_failed() -> None:
    with pytest.raises(BenchError, match="unable to connect"):
        parse("unable to connect to 127.0.0.1:1 Connection refused\n")


def test_requests_as_the_script_reads_them() -> None:
    assert packed((b"GET /\r\n\r\n", b"x")) == b"9\nGET /\r\n\r\n1\nx"
