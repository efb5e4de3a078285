"""The decision about an ask, and the record of it."""

import json

import pytest

from cors_proxy.cors.reason import Reason
from cors_proxy.proxy.ask_verdict import problem, verdict
from cors_proxy.proxy.grpc_head import asked
from tests.casebook import Line

from .conftest import CORS, Notes
from .envoy_asks import APP, EVIL, context, request

PREFLIGHT = b"access-control-request-method"


@pytest.mark.parametrize(
    ("lines", "word", "preflight", "status"),
    [
        (request(APP), b"forward", False, 0),
        (request(EVIL), b"refuse", False, 403),
        (request(APP, (PREFLIGHT, b"PUT"), method=b"OPTIONS"), b"answer", True, 204),
        # Readable: it grants what passed.
        (request(APP, (PREFLIGHT, b"PATCH"), method=b"OPTIONS"), b"refuse", True, 204),
    ],
)
def test_what_is_to_happen(lines: list[Line], word: bytes, preflight: bool, status: int) -> None:
    notes = Notes()
    made = context(notes=notes)
    about, head = asked(lines, made.head_limits)
    found = verdict(made, about, head, "127.0.0.1", "1.1")
    assert (found.word, found.preflight) == (word, preflight)
    assert status == 0 or found.status == status
    assert notes.in_flight == 1 and found.record.version == "1.1"
    assert (found.record.method, found.record.target) == (lines[0][1], b"/r")


SMALL = f"{CORS}server: {{limits: {{body_bytes: 100}}}}\n"
HANDSHAKE = request(
    APP, (b"upgrade", b"websocket"), (b"sec-websocket-version", b"13"), (b"sec-websocket-key", b"a" * 24)
)


@pytest.mark.parametrize(
    ("lines", "framing", "status"),
    [
        (request(APP, method=b"POST"), (b"content-length", b"100"), 0),
        (request(APP, method=b"POST"), (b"content-length", b"101"), 413),
        (request(EVIL, method=b"POST"), (b"content-length", b"101"), 403),
        # The engine counts its bytes.
        (request(APP, method=b"POST"), (b"transfer-encoding", b"chunked"), 0),
        (HANDSHAKE, (b"content-length", b"0"), 0),
        (HANDSHAKE, (b"content-length", b"1"), 400),
        (HANDSHAKE, (b"transfer-encoding", b"chunked"), 400),
    ],
)
def test_a_body_that_the_proxy_would_refuse(lines: list[Line], framing: Line, status: int) -> None:
    made = context(SMALL)
    about, head = asked([*lines, framing], made.head_limits)
    found = verdict(made, about, head, "127.0.0.1", "1.1")
    assert (0 if found.forwards else found.status) == status
    if status in (400, 413):
        # The page can read why.
        assert found.action.grant.lines and found.word == b"refuse"
        reason = Reason.BODY_TOO_LARGE if status == 413 else Reason.WEBSOCKET_BODY
        assert found.record.fault is found.action.reason is reason


def test_a_problem_names_the_rule_where_the_policy_says_so() -> None:
    for text, named in ((CORS, False), (f"{CORS}server: {{debug: true}}\n", True)):
        made = context(text)
        about, head = asked(request(EVIL), made.head_limits)
        found = verdict(made, about, head, "127.0.0.1", "1.1")
        data, size = problem(made, found, b"", False, False)
        body = json.loads(data.partition(b"\r\n\r\n")[2])
        assert body["reason"] == Reason.ORIGIN_NOT_ALLOWED.value and ("rule" in body) is named
        assert size == len(data.partition(b"\r\n\r\n")[2])


def test_the_client_is_the_one_that_the_engine_names() -> None:
    made = context()
    about, head = asked(request(APP, (b"x-forwarded-for", b"203.0.113.9")), made.head_limits)
    assert verdict(made, about, head, "127.0.0.1", "1.1").record.peer == "203.0.113.9"
