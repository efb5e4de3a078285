"""The journey: what is decided is what is done, and the record says both."""

import pytest

from cors_proxy.cors.reason import Reason

from .conftest import Start, request

APP = "Origin: https://app.example"


@pytest.mark.parametrize(
    ("raw", "status", "reason", "reached"),
    [
        (request("GET /r", APP), 200, Reason.ORIGIN_ALLOWED, True),
        (request("GET /r", "Origin: https://evil.example"), 403, Reason.ORIGIN_NOT_ALLOWED, False),
        (request("PATCH /r", APP), 403, Reason.METHOD_NOT_ALLOWED, False),
        (request("OPTIONS /r", APP, "Access-Control-Request-Method: PUT"), 204, Reason.PREFLIGHT_ALLOWED, False),
        (request("OPTIONS /r", APP, "Access-Control-Request-Method: PATCH"), 403, Reason.METHOD_NOT_ALLOWED, False),
        (request("GET /a/../r", APP), 400, Reason.AMBIGUOUS_PATH, False),
        (request("GET /r", APP, APP), 400, Reason.REPEATED_HEADER, False),
    ],
)
async def test_decided_done_and_recorded(start: Start, raw: bytes, status: int, reason: Reason, reached: bool) -> None:
    proxy = await start()
    answer = await proxy.ask(raw)
    await proxy.notes.until(lambda: len(proxy.notes.ended) == 1)
    record = proxy.notes.ended[0]
    assert (answer.status, record.status, bool(proxy.upstream.requests)) == (status, status, reached)
    assert record.decision is not None and record.decision.reason is reason and record.enforced
    assert answer.all("x-request-id") == [record.request_id.decode()]
    assert record.sent == len(answer.body) and (record.upstream_seconds is not None) == reached
    assert answer.all("connection") == (["close"] if status == 400 else [])


async def test_report_mode_changes_nothing_and_says_what_would_have_been(start: Start) -> None:
    proxy = await start("mode: report\n")
    answer = await proxy.ask(request("GET /r", "Origin: https://evil.example"))
    await proxy.notes.until(lambda: len(proxy.notes.ended) == 1)
    record = proxy.notes.ended[0]
    assert answer.status == 200 and not answer.all("vary") and not answer.all("x-request-id")
    assert record.decision is not None and record.decision.reason is Reason.ORIGIN_NOT_ALLOWED and not record.enforced
