from collections.abc import Callable
from typing import Any

import pytest

from cors_proxy.cors.decision import Answer, Forward, Refuse
from cors_proxy.cors.reason import Reason
from cors_proxy.operate.events import Events
from cors_proxy.operate.recorder import MAX_REPORTED_PEERS, REFUSED_BURST, Recorder, outcome
from cors_proxy.proxy.recorder import Exchange
from cors_proxy.proxy.request_head import HeadError

Make = Callable[..., Exchange]
FORWARD = Forward(Reason.ORIGIN_ALLOWED, "request")
REFUSE = Refuse(Reason.ORIGIN_NOT_ALLOWED, "request")
ANSWER = Answer(Reason.PREFLIGHT_ALLOWED, "preflight")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"decision": FORWARD}, "forwarded"),
        ({"decision": ANSWER}, "answered"),
        ({"decision": ANSWER, "enforced": False}, "forwarded"),
        ({"decision": REFUSE}, "refused"),
        ({"decision": REFUSE, "enforced": False}, "forwarded"),
        ({"decision": FORWARD, "fault": Reason.UPSTREAM_UNREACHABLE}, "failed"),
        ({"decision": FORWARD, "fault": Reason.CLIENT_GONE}, "aborted"),
        ({"decision": FORWARD, "fault": Reason.BODY_TOO_LARGE}, "refused"),
        ({"decision": None, "fault": Reason.REQUEST_TIMEOUT}, "refused"),
        ({"decision": None, "fault": Reason.UPSTREAM_BUSY}, "failed"),
    ],
)
def test_outcome(exchange: Make, changes: dict[str, Any], expected: str) -> None:
    assert outcome(exchange(**changes)) == expected


@pytest.fixture
def access(lines: Callable[[], Any]) -> Any:
    return lines()


@pytest.fixture
def errors(lines: Callable[[], Any]) -> Any:
    return lines()


@pytest.fixture
def recorder(access: Any, errors: Any) -> Recorder:
    return Recorder(access, Events(errors), "json")


def test_counts(recorder: Recorder, access: Any, exchange: Make) -> None:
    first, second = (
        exchange(decision=FORWARD, upstream_seconds=0.004),
        exchange(decision=REFUSE, status=403, difference=Reason.CROSS_SITE),
    )
    recorder.begin(first)
    recorder.begin(second)
    assert recorder.gauges.in_flight == 2
    recorder.end(first)
    recorder.end(second)
    recorder.connections(1)
    counters = recorder.counters
    assert recorder.gauges.in_flight == 0 and recorder.gauges.connections == 1
    assert dict(counters.requests) == {("default", "forwarded", "200"): 1, ("default", "refused", "403"): 1}
    assert dict(counters.decisions) == {
        ("default", "request", "forward", "origin-allowed", "enforce"): 1,
        ("default", "request", "refuse", "origin-not-allowed", "enforce"): 1,
    }
    assert dict(counters.differences) == {("default", "cross-site"): 1}
    assert sum(counters.durations.buckets) == 2 and sum(counters.upstream.buckets) == 1
    assert len(access.lines) == 2


@pytest.mark.parametrize(("status", "code"), [(200, "200"), (299, "other"), (999, "other"), (0, "none")])
def test_a_status_that_an_echoing_upstream_made_up_is_no_label(
    recorder: Recorder, exchange: Make, status: int, code: str
) -> None:
    recorder.end(exchange(decision=FORWARD, status=status))
    assert [key[2] for key in recorder.counters.requests] == [code]


def test_labels_come_from_the_policy_and_closed_sets_alone(recorder: Recorder, exchange: Make) -> None:
    for n in range(300):
        value = b"u%d" % n
        recorder.end(
            exchange(
                method=value,
                target=value,
                host=value,
                origin=value,
                user_agent=value,
                request_id=value,
                peer=str(n),
                version=str(n),
                decision=Refuse(Reason.HEADER_NOT_ALLOWED, "preflight", detail=value),
                status=403,
            )
        )
        recorder.malformed(str(n), HeadError(400, Reason.MALFORMED_REQUEST).of(b"U%d /%d" % (n, n)))
    counters = recorder.counters
    assert [len(counts) for counts in (counters.requests, counters.decisions, counters.malformed)] == [
        2,
        1,
        1,
    ]


def test_a_flood_of_refusals_is_counted_and_not_written(
    recorder: Recorder, access: Any, exchange: Make
) -> None:
    sent = int(REFUSED_BURST) + 500
    for _ in range(sent):
        recorder.end(exchange(decision=REFUSE, status=403))
    assert len(access.lines) == REFUSED_BURST
    assert recorder.counters.dropped["refused",] == 500
    assert recorder.counters.requests["default", "refused", "403"] == sent
    recorder.end(exchange(decision=FORWARD))
    assert len(access.lines) == REFUSED_BURST + 1


def test_a_flood_of_malformed_requests_writes_few_lines(recorder: Recorder, errors: Any) -> None:
    for _ in range(3000):
        recorder.malformed("192.0.2.1", HeadError(400, Reason.MALFORMED_REQUEST))
    assert len(errors.lines) < 50
    assert recorder.counters.malformed["malformed-request",] == 3000


def test_a_head_that_cannot_be_carried_is_logged_with_what_could_be_read(
    recorder: Recorder, errors: Any
) -> None:
    bad = HeadError(400, Reason.MALFORMED_REQUEST, "Invalid method encountered")
    recorder.malformed("192.0.2.1", bad.of(b"BREW /pots/1?token=secret HTTP/1.1\r\nCookie: a=b\r\n"))
    recorder.malformed(
        "192.0.2.1", HeadError(431, Reason.HEAD_TOO_LARGE).of(b'GET /\xff\x1b[0m"' + b"a" * 2000)
    )
    first, second = errors.objects
    assert (first["http.request.method"], first["url.path"]) == ("BREW", "/pots/1")
    assert (first["error.type"], first["error.detail"]) == ("malformed-request", "Invalid method encountered")
    assert "secret" not in str(errors.lines) and "a=b" not in str(errors.lines)
    assert second["url.path"].startswith('/\\xff\x1b[0m"aaa') and len(second["url.path"]) < 300
    assert b"\x1b" not in errors.lines[1]


def test_a_peer_whose_forwarding_was_replaced_is_named_once(recorder: Recorder, errors: Any) -> None:
    for _ in range(3):
        recorder.replaced_forwarding("192.0.2.7")
    (found,) = errors.objects
    assert found["client.address"] == "192.0.2.7" and "server.trusted_proxies" in found["message"]
    for n in range(2 * MAX_REPORTED_PEERS):
        recorder.replaced_forwarding(str(n))
    assert len(recorder._reported_peers) == MAX_REPORTED_PEERS


def test_take_leaves_nothing_behind(recorder: Recorder, access: Any, exchange: Make) -> None:
    recorder.end(exchange(decision=FORWARD))
    access.dropped = 3
    taken = recorder.take_counters()
    assert sum(taken.requests.values()) == 1 and taken.dropped["stdout",] == 3
    assert not recorder.counters.requests
    assert not recorder.take_counters().dropped


def test_access_log_can_change(recorder: Recorder, access: Any, exchange: Make) -> None:
    recorder.configure("off")
    recorder.end(exchange(decision=FORWARD))
    assert not access.lines
    recorder.configure("text")
    recorder.end(exchange(decision=FORWARD))
    assert b"forward: origin-allowed" in access.lines[0]


def test_a_bug_is_counted_and_shown_with_its_trace(recorder: Recorder, errors: Any) -> None:
    try:
        raise KeyError("x")
    except KeyError as error:
        recorder.failure(error)
    assert recorder.counters.failures == 1
    assert "test_recorder.py" in errors.objects[0]["exception.stacktrace"]


def test_a_failure_of_the_upstream_says_why_in_both_logs_at_a_bounded_rate(
    recorder: Recorder, access: Any, errors: Any, exchange: Make
) -> None:
    failed = exchange(
        decision=FORWARD,
        fault=Reason.UPSTREAM_UNREACHABLE,
        status=502,
        upstream="http://api",
        detail="10.0.0.1:80: Connection refused\x1b[31m",
    )
    for _ in range(1000):
        recorder.begin(failed)
        recorder.end(failed)
    assert access.objects[0]["error.detail"] == "10.0.0.1:80: Connection refused\x1b[31m"
    assert len(access.lines) == 1000 and len(errors.lines) < 50
    assert b"\x1b" not in access.lines[0] + errors.lines[0]
    event = errors.objects[0]
    assert event["event.name"] == "upstream-failed" and event["upstream"] == "http://api"
    assert event["error.type"] == "upstream-unreachable"
    assert event["error.detail"] == "10.0.0.1:80: Connection refused\x1b[31m"


def test_an_address_that_is_left_out_and_a_name_without_one_are_told(recorder: Recorder, errors: Any) -> None:
    recorder.upstream_fault("http://api", "10.0.0.1:80", "10.0.0.1:80: Connection refused")
    recorder.upstream_fault("http://api", "", "cannot resolve api: Name or service not known")
    assert [(each["event.name"], each["error.detail"]) for each in errors.objects] == [
        ("upstream-address-out", "10.0.0.1:80: Connection refused"),
        ("upstream-unresolved", "cannot resolve api: Name or service not known"),
    ]
