"""The proxy's own answers: fixed words, no echo, framed for what they are."""

import json

from cors_proxy.cors.reason import Reason
from cors_proxy.proxy.answers import preflight, problem

OWN = b"Vary: Origin\r\n"


def test_a_problem_is_a_whole_answer() -> None:
    answer, size = problem(403, Reason.ORIGIN_NOT_ALLOWED, OWN, False)
    head, body = answer.split(b"\r\n\r\n", 1)
    assert size == len(body)
    lines = head.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 403 Forbidden" and b"Content-Length: %d" % len(body) in lines
    assert {
        b"Content-Type: application/problem+json",
        b"Cache-Control: no-store",
        b"X-Content-Type-Options: nosniff",
        b"Vary: Origin",
    } < set(lines)
    assert json.loads(body) == {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "reason": "origin-not-allowed",
    }
    assert not any(line.lower().startswith((b"server:", b"cors-proxy-", b"connection:")) for line in lines)


def test_debug_names_reason_and_rule_in_ascii_alone() -> None:
    answer = problem(
        403, Reason.ORIGIN_NOT_ALLOWED, OWN, True, rule="p\u00f6licy\r\nX: y.yaml:14", debug=True
    )[0]
    head, body = answer.split(b"\r\n\r\n", 1)
    assert (
        head.isascii() and head.count(b"\r\n") == 8 and b"CORS-Proxy-Reason: origin-not-allowed\r\n" in head
    )
    assert json.loads(body)["rule"].endswith(":14") and b"Connection: close" in head


def test_an_answer_to_head_has_no_body() -> None:
    answer, size = problem(502, Reason.UPSTREAM_UNREACHABLE, b"", False, bodiless=True)
    assert answer.endswith(b"\r\n\r\n") and b"Content-Length: 0" not in answer and size == 0


def test_a_preflights_answer_has_a_length_unless_it_is_204() -> None:
    assert preflight(204, OWN, False) == b"HTTP/1.1 204 No Content\r\nVary: Origin\r\n\r\n"
    assert (
        preflight(200, OWN, True)
        == b"HTTP/1.1 200 OK\r\nVary: Origin\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    assert preflight(299, b"", False) == b"HTTP/1.1 299 OK\r\nContent-Length: 0\r\n\r\n"
