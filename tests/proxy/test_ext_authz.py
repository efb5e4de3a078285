"""`ext_authz` over gRPC: the corpus, and what Envoy does without a filter behind it."""

import json
from itertools import groupby
from typing import Any

import pytest

from cors_proxy.cors.reason import Reason
from cors_proxy.cors.request import ONCE
from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.ext_authz import check
from cors_proxy.proxy.grpc_messages import INVALID_ARGUMENT, CheckRequest, CheckResponse, GrpcError
from tests.casebook import Case, Line, cases, of_interest

from .conftest import Notes
from .envoy_asks import APP, DECIDE, EVIL, check_request, context, of_case, put, request, with_options


def said(answer: Any) -> dict[bytes, bytes]:
    return {entry.key: entry.value.string_value for entry in answer.dynamic_metadata.fields}


def carried(case: Case, answer: Any) -> list[Line]:
    """The response behind the filter that removes what the metadata says."""
    lines = [(name.lower(), value) for name, value in case.upstream_lines]
    told = said(answer)
    if b"hands-off" in told:
        return lines
    for name in told[b"remove"].lower().split(b", "):
        lines = [
            line
            for line in lines
            if not (line[0] == name or (name.endswith(b"*") and line[0].startswith(name[:-1])))
        ]
    return with_options(answer.ok_response.response_headers_to_add, lines)


def members(lines: list[Line]) -> set[Line]:
    """Vary may be several lines; names in it have no case, and `*` stands for all."""
    found: set[Line] = set()
    for name, value in of_interest(lines):
        if name == b"vary":
            found |= {(name, member.strip().lower()) for member in value.split(b",")}
        elif name != b"access-control-expose-headers":
            found.add((name, value))
    return {line for line in found if line[0] != b"vary" or line[1] == b"*" or (b"vary", b"*") not in found}


def faults(case: Case, answer: Any) -> list[str]:
    if case.verb == "forward":
        allowed = answer.ok_response
        target = dict(with_options(allowed.headers, [(b":path", case.target)]))[b":path"]
        lines = members(carried(case, answer))
        right = answer.status.code == 0 and said(answer)[b"decision"] == b"forward"
        right = right and target == case.upstream_target
    else:
        denied = answer.denied_response
        lines = members(with_options(denied.headers, []))
        right = answer.status.code != 0 and denied.status.code == case.status
        if case.verb == "refuse" and denied.body:
            right = right and json.loads(denied.body)["reason"] == case.reason
    return [] if right and lines == members(list(case.expected)) else [f"{case.id}: {answer}"]


def test_the_corpus() -> None:
    wrong: list[str] = []
    notes = Notes()
    made = context(notes=notes)
    for block, group in groupby(cases(), key=lambda case: case.policy):
        put(made, parse_policy(block.text + DECIDE, block.name, "")[0])
        for case in group:
            answer = CheckResponse.FromString(check(made, "127.0.0.1", check_request(of_case(case))))
            wrong += faults(case, answer)
    assert not wrong, "\n".join(wrong)
    assert notes.in_flight == 0 and len(notes.ended) > 700


def test_without_a_filter_the_apis_own_grant_is_overwritten() -> None:
    """With the grant, or with nothing: a foreign page must not read the response by what the API says."""
    lines = [(b"access-control-allow-origin", b"*"), (b"access-control-allow-credentials", b"true")]
    for line, allowed in ((APP, b"https://app.example"), ((b"x-none", b"1"), b"")):
        answer = CheckResponse.FromString(check(context(), "127.0.0.1", check_request(request(line))))
        got = dict(with_options(answer.ok_response.response_headers_to_add, lines))
        assert got[b"access-control-allow-origin"] == allowed
        assert not with_options(
            [
                each
                for each in answer.ok_response.response_headers_to_add
                if each.header.key == b"Access-Control-Expose-Headers"
            ],
            [],
        )


def plain(lines: list[Line]) -> bytes:
    """As Envoy asks without `encode_raw_headers`: a map, in which lines of one name are joined."""
    message = CheckRequest()
    http = message.attributes.request.http
    for name, value in lines:
        label = {b":method": "method", b":path": "path", b":authority": "host"}.get(name)
        if label:
            setattr(http, label, value)
        elif name != b":scheme":
            http.headers.add(key=name, value=value)
    return bytes(message.SerializeToString())


def status(lines: list[Line], notes: Notes | None = None) -> int:
    answer = CheckResponse.FromString(check(context(notes=notes), "127.0.0.1", plain(lines)))
    return 200 if answer.status.code == 0 else int(answer.denied_response.status.code)


def test_a_map_of_headers() -> None:
    assert [status(request(line)) for line in (APP, EVIL)] == [200, 403]


@pytest.mark.parametrize("name", sorted(ONCE - {b"upgrade"}))
def test_lines_that_the_map_has_joined_are_repeated_ones(name: bytes) -> None:
    notes = Notes()
    assert status(request((name, b"a,b")), notes) == 400
    assert notes.ended[-1].decision is not None
    assert notes.ended[-1].decision.reason is Reason.REPEATED_HEADER


def test_a_list_in_upgrade_is_no_repeated_line() -> None:
    assert status(request((b"upgrade", b"a,b"))) == 200


@pytest.mark.parametrize(
    ("lines", "code", "reason"),
    [
        (request(method=b"TRACE"), 405, Reason.METHOD_NOT_SUPPORTED),
        (request(method=b"get"), 400, Reason.MALFORMED_REQUEST),
        (request(target=b"*"), 400, Reason.MALFORMED_REQUEST),
        (request((b"x" * 40_000, b"1")), 431, Reason.HEAD_TOO_LARGE),
        (request(*[(b"x-%d" % number, b"1") for number in range(101)]), 431, Reason.HEAD_TOO_LARGE),
    ],
)
def test_a_head_that_the_proxy_would_refuse(lines: list[Line], code: int, reason: Reason) -> None:
    notes = Notes()
    assert status(lines, notes) == code
    assert [bad.reason for bad in notes.bad] == [reason] and not notes.ended


@pytest.mark.parametrize("data", [b"", b"\xff", check_request([(b"origin", b"https://app.example")])])
def test_what_is_no_ask_is_no_answer(data: bytes) -> None:
    with pytest.raises(GrpcError) as raised:
        check(context(), "127.0.0.1", data)
    assert raised.value.code == INVALID_ARGUMENT
