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
