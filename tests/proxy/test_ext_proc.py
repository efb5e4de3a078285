"""`ext_proc`: both heads of an exchange, by the corpus and at its edges."""

import json
from itertools import groupby
from typing import Any

import pytest

from cors_proxy.cors.reason import Reason
from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.ext_proc import Processing
from cors_proxy.proxy.grpc_messages import (
    FAILED_PRECONDITION,
    INVALID_ARGUMENT,
    SEND,
    GrpcError,
    ProcessingResponse,
)
from tests.casebook import Case, Line, cases, of_interest

from .conftest import Notes
from .envoy_asks import APP, DECIDE, EVIL, changed, context, of_case, processing_request, put, request


def asked(processing: Processing, lines: list[Line], kind: str = "request_headers") -> Any:
    return ProcessingResponse.FromString(processing.message(processing_request(lines, kind)))


def response(status: int = 200, *lines: Line) -> list[Line]:
    return [(b":status", b"%d" % status), *lines]


def outcome(case: Case, processing: Processing) -> tuple[object, ...]:
    """Verb, status, lines and target of an exchange; the reason where it is refused."""
    answer = asked(processing, of_case(case))
    if answer.HasField("immediate_response"):
        immediate = answer.immediate_response
        lines = changed(immediate.headers, [])
        reason = dict(lines).get(b"cors-proxy-reason", b"").decode()
        if immediate.body:
            reason = json.loads(immediate.body)["reason"]
        return "local", immediate.status.code, of_interest(lines), reason
    (target,) = [
        value
        for name, value in changed(answer.request_headers.response.header_mutation, [(b":path", case.target)])
        if name == b":path"
    ]
    lines = [(name.lower(), value) for name, value in case.upstream_lines]
    answer = asked(processing, response(case.upstream_status, *lines), "response_headers")
    lines = changed(answer.response_headers.response.header_mutation, lines)
    return "forward", case.upstream_status, of_interest(lines), target


def expected(case: Case) -> tuple[object, ...]:
    if case.verb == "forward":
        return "forward", case.upstream_status, case.expected, case.upstream_target
    return "local", case.status, case.expected, case.reason if case.verb == "refuse" else ""


def named(lines: Any) -> list[Line]:
    """Names in a list of names have no case here."""
    return sorted(
        (name, value.lower() if name.endswith(b"expose-headers") else value) for name, value in lines
    )


def test_the_corpus() -> None:
    wrong, notes = [], Notes()
    made = context(notes=notes)
    for block, group in groupby(cases(), key=lambda case: case.policy):
        put(made, parse_policy(block.text + DECIDE, block.name, "")[0])
        for case in group:
            processing = Processing(made, "127.0.0.1")
            found, want = outcome(case, processing), expected(case)
            processing.ended()
            if (*found[:2], named(found[2]), found[3]) != (*want[:2], named(want[2]), want[3]):
                wrong.append(f"{case.id}: {found}, not {want}")
    assert not wrong, "\n".join(wrong)
    assert notes.in_flight == 0 and len(notes.ended) > 700


def test_the_record_has_the_status_that_the_client_gets() -> None:
    notes = Notes()
    processing = Processing(context(notes=notes), "127.0.0.1")
    asked(processing, request(APP))
    assert not processing.over and notes.in_flight == 1
    asked(processing, response(404), "response_headers")
    processing.ended()
    assert [(record.status, record.fault, record.version) for record in notes.ended] == [(404, None, "2")]
    processing = Processing(context(notes=notes), "127.0.0.1")
    asked(processing, request(EVIL))
    assert processing.over and notes.ended[-1].status == 403 and notes.ended[-1].sent > 0


def test_report_mode_records_how_the_response_differs() -> None:
    notes = Notes()
    made = context("mode: report\ncors: {origins: ['https://app.example']}\n", notes)
    for line in (APP, EVIL):
        processing = Processing(made, "127.0.0.1")
        asked(processing, request(line))
        allowing = (b"access-control-allow-origin", b"*")
        answer = asked(processing, response(200, allowing), "response_headers")
        assert not answer.response_headers.response.header_mutation.set_headers
    assert [record.difference for record in notes.ended] == [None, Reason.ORIGIN_NOT_ALLOWED]


def test_it_wants_the_response_of_what_it_forwards() -> None:
    processing = Processing(context(), "127.0.0.1")
    assert asked(processing, request(APP)).mode_override.response_header_mode == SEND


def test_a_stream_that_ends_before_its_response() -> None:
    notes = Notes()
    processing = Processing(context(notes=notes), "127.0.0.1")
    asked(processing, request(APP))
    processing.ended()
    processing.ended()
    assert [record.fault for record in notes.ended] == [Reason.CLIENT_GONE] and notes.in_flight == 0


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([b"\xff\xff"], INVALID_ARGUMENT),
        ([b""], INVALID_ARGUMENT),
        # Envoy does not send request headers: nothing was judged.
        ([processing_request(response(), "response_headers")], FAILED_PRECONDITION),
        ([processing_request(request(APP))] * 2, FAILED_PRECONDITION),
        (
            [processing_request(request(APP))] + [processing_request(response(), "response_headers")] * 2,
            FAILED_PRECONDITION,
        ),
    ],
)
def test_messages_that_end_the_call(messages: list[bytes], code: int) -> None:
    processing = Processing(context(), "127.0.0.1")
    for message in messages[:-1]:
        processing.message(message)
    with pytest.raises(GrpcError) as raised:
        processing.message(messages[-1])
    assert raised.value.code == code
    processing.ended()


@pytest.mark.parametrize("status", [b"", b"x", b"9" * 5000])
def test_a_status_that_is_none(status: bytes) -> None:
    notes = Notes()
    processing = Processing(context(notes=notes), "127.0.0.1")
    asked(processing, request(APP))
    asked(processing, [(b":status", status)], "response_headers")
    assert notes.ended[-1].status == 0
