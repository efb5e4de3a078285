import time

import pytest

from cors_proxy.learn.lines import MAX_LINE
from cors_proxy.learn.text_log import from_text

from .records import APP

COMBINED = '192.0.2.1 - ada [29/Nov/2026:03:10:00 +0000] "GET /items?token=secret HTTP/1.1" 200 17 "%s" "curl/8 \\"x\\""'
ENVOY = '[2026-11-29T03:10:00.000Z] "GET /items HTTP/2" 200 - 0 17 3 2 "-" "curl" "0a1b" "api.example.com" "10.0.0.1:80"'


@pytest.mark.parametrize(
    ("line", "origin", "host"),
    [
        (COMBINED % "-", None, ""),
        (COMBINED % f"{APP}/", APP, ""),
        (COMBINED % f"{APP}/page", None, ""),  # a page of the same origin sends its whole URL
        (COMBINED % "-" + f' "{APP}"', APP, ""),
        (COMBINED % "-" + ' "null"', "null", ""),
        (COMBINED % "-" + ' 12 "web@docker" "http://10.0.0.1:80/x" 3ms', None, ""),
        (ENVOY, None, "api.example.com"),
        (ENVOY + f' "{APP}"', APP, "api.example.com"),
    ],
)
def test_lines(line: str, origin: str | None, host: str) -> None:
    seen = from_text(line)
    assert seen is not None and (seen.method, seen.path, seen.origin, seen.host, seen.status) == (
        "GET",
        "/items",
        origin,
        host,
        200,
    )
    assert seen.time.startswith("2026-11-29T03:10:00") and seen.granted is None and "secret" not in repr(seen)


@pytest.mark.parametrize(
    "line", ["", "x", COMBINED.replace("GET /items", "\\x16\\x03"), COMBINED.replace("200", "x")]
)
def test_other_lines(line: str) -> None:
    assert from_text(line) is None


@pytest.mark.parametrize("part", ['"', "\\", '"\\', "[", "a ", '"a" '])
def test_a_hostile_line_costs_what_its_bytes_do(part: str) -> None:
    for line in (part * (MAX_LINE // len(part)), COMBINED % "" + part * (MAX_LINE // len(part))):
        started = time.process_time()
        from_text(line)
        assert time.process_time() - started < 0.5
