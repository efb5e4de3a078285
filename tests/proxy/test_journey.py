"""The journey: what is decided is what is done, and the record says both."""

import pytest

from cors_proxy.cors.decision import Refuse
from cors_proxy.cors.reason import Reason

from .conftest import Start, request

APP = "Origin: https://app.example"


@pytest.mark.parametrize(
    ("raw", "status", "reason", "reached"),
    [
        (request("GET /r", APP), 200, Reason.ORIGIN_ALLOWED, True),
        (request("GET /r", "Origin: https://evil.example"), 403, Reason.ORIGIN_NOT_ALLOWED, False),
        (request("PATCH /r", APP), 403, Reason.METHOD_NOT_ALLOWED, False),
        (
            request("OPTIONS /r", APP, "Access-Control-Request-Method: PUT"),
            204,
            Reason.PREFLIGHT_ALLOWED,
            False,
        ),
        (
            request("OPTIONS /r", APP, "Access-Control-Request-Method: PATCH"),
            204,
            Reason.METHOD_NOT_ALLOWED,
            False,
        ),
        (
            request("OPTIONS /r", "Origin: null", "Access-Control-Request-Method: PATCH"),
            403,
            Reason.ORIGIN_NULL,
            False,
        ),
        (request("GET /a/../r", APP), 400, Reason.AMBIGUOUS_PATH, False),
        (request("GET /r", APP, APP), 400, Reason.REPEATED_HEADER, False),
    ],
)
async def test_decided_done_and_recorded(
    start: Start, raw: bytes, status: int, reason: Reason, reached: bool
) -> None:
    proxy = await start()
    answer = await proxy.ask(raw)
    await proxy.notes.until(lambda: len(proxy.notes.ended) == 1)
    record = proxy.notes.ended[0]
    assert (answer.status, record.status, bool(proxy.upstream.requests)) == (status, status, reached)
    assert record.decision is not None and record.decision.reason is reason and record.enforced
    assert answer.all("x-request-id") == [record.request_id.decode()]
    assert record.sent == len(answer.body) and (record.upstream_seconds is not None) == reached
    assert answer.all("connection") == (["close"] if status == 400 else [])


@pytest.mark.parametrize(
    ("refusal", "debug", "status", "told"),
    [
        ("readable", False, 204, (["method-not-allowed"], [])),
        ("readable", True, 204, (["method-not-allowed"], ["policy.yaml:5"])),
        ("bare", False, 403, ([], [])),
        ("bare", True, 403, ([], [])),
    ],
)
async def test_a_refused_preflight_is_a_refusal_in_either_form(
    start: Start, refusal: str, debug: bool, status: int, told: tuple[list[str], list[str]]
) -> None:
    cors = f"cors: {{origins: ['https://app.example'], preflight: {{refusal: {refusal}}}}}\nserver: {{debug: {str(debug).lower()}}}\n"
    proxy = await start(cors=cors)
    client = await proxy.dial()
    for _ in range(2):
        await client.send(request("OPTIONS /r", APP, "Access-Control-Request-Method: PATCH"))
        answer = await client.answer("OPTIONS")
        assert answer.status == status
        assert (answer.all("cors-proxy-reason"), answer.all("cors-proxy-rule")) == told
        assert answer.all("access-control-allow-origin") == (["https://app.example"] if status == 204 else [])
        assert not answer.all("access-control-allow-methods") + answer.all("access-control-max-age")
    await client.send(
        request("OPTIONS /r", "Origin: https://evil.example", "Access-Control-Request-Method: GET")
    )
    foreign = await client.answer("OPTIONS")
    assert foreign.status == 403 and foreign.all("cors-proxy-reason") == (
        ["origin-not-allowed"] if debug and refusal == "readable" else []
    )
    assert [type(exchange.decision) for exchange in proxy.notes.ended] == [
        Refuse
    ] * 3 and not proxy.upstream.requests
    assert [exchange.status for exchange in proxy.notes.ended] == [status, status, 403]


async def test_report_mode_changes_nothing_and_says_what_would_have_been(start: Start) -> None:
    proxy = await start("mode: report\n")
    answer = await proxy.ask(request("GET /r", "Origin: https://evil.example"))
    await proxy.notes.until(lambda: len(proxy.notes.ended) == 1)
    record = proxy.notes.ended[0]
    assert answer.status == 200 and not answer.all("vary") and not answer.all("x-request-id")
    assert (
        record.decision is not None
        and record.decision.reason is Reason.ORIGIN_NOT_ALLOWED
        and not record.enforced
    )
