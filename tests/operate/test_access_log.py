import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from cors_proxy.cors.decision import Answer, Forward, Refuse
from cors_proxy.cors.place import Place
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.request import judge_headers
from cors_proxy.operate.access_log import decision_label, formatter, json_line, text_line
from cors_proxy.proxy.recorder import Exchange

Make = Callable[..., Exchange]
REFUSED = Refuse(Reason.ORIGIN_NOT_ALLOWED, "request", Place("policy.yaml", 14, 3))
ANSWERED = Answer(Reason.PREFLIGHT_ALLOWED, "preflight", Place("policy.yaml", 7, 3))
PREFLIGHT = [
    (b"access-control-request-method", b"PUT"),
    (b"access-control-request-headers", b"x-a"),
    (b"access-control-request-private-network", b"true"),
]
FORWARDED = Forward(Reason.ORIGIN_ALLOWED, "request", Place("policy.yaml", 7, 3))


@pytest.mark.parametrize(
    ("decision", "word"), [(REFUSED, "refuse"), (ANSWERED, "answer"), (FORWARDED, "forward"), (None, "none")]
)
def test_verdict(decision: Refuse | Answer | Forward | None, word: str) -> None:
    assert decision_label(decision) == word


def test_a_refusal_as_json(exchange: Make) -> None:
    line = json_line(
        exchange(
            decision=replace(REFUSED, detail=b"X-Other", hint="set self_origins"),
            status=403,
            origin=b"https://evil.example",
            user_agent=b"curl",
            request_id=b"r1",
            upstream_seconds=0.5,
        )
    )
    found = json.loads(line)
    assert found.pop("timestamp").endswith("Z")
    assert found == {
        "http.request.method": "GET",
        "url.path": "/items",
        "http.response.status_code": 403,
        "http.route": "default",
        "cors.decision": "refuse",
        "cors.mode": "enforce",
        "cors.kind": "request",
        "cors.reason": "origin-not-allowed",
        "cors.rule": "policy.yaml:14",
        "cors.detail": "X-Other",
        "cors.hint": "set self_origins",
        "http.request.header.origin": "https://evil.example",
        "server.address": "api.example.com",
        "client.address": "192.0.2.1",
        "url.scheme": "https",
        "network.protocol.version": "1.1",
        "user_agent.original": "curl",
        "request.id": "r1",
        "upstream.duration": 0.5,
        "http.request.body.size": 0,
        "http.response.body.size": 0,
        "http.server.request.duration": 0.0125,
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"decision": None, "fault": Reason.HEAD_TOO_LARGE},
            {"cors.decision": "none", "cors.reason": "head-too-large"},
        ),
        (
            {"decision": FORWARDED, "fault": Reason.UPSTREAM_TIMEOUT},
            {"cors.reason": "origin-allowed", "error.type": "upstream-timeout"},
        ),
        (
            {"decision": REFUSED, "mode": "report", "enforced": False},
            {"cors.mode": "report", "cors.enforced": False},
        ),
        (
            {"decision": FORWARDED, "difference": Reason.HEADER_NOT_ALLOWED},
            {"cors.difference": "header-not-allowed"},
        ),
        (
            {"decision": Forward(Reason.CORS_OFF, "request"), "mode": ""},
            {"cors.mode": "off", "cors.reason": "cors-off"},
        ),
    ],
)
def test_fields(exchange: Make, changes: dict[str, object], expected: dict[str, object]) -> None:
    found = json.loads(json_line(exchange(**changes)))
    assert {key: found[key] for key in expected} == expected


def test_what_the_api_granted_under_report(exchange: Make) -> None:
    """Lists keep the case of their members: methods have one."""
    lines = [
        (b"Access-Control-Allow-Origin", b'"'),
        (b"access-control-allow-methods", b"GET, PUT"),
        (b"X", b"1"),
    ]
    report = exchange(
        decision=REFUSED, judged=judge_headers([(b"Cookie", b"sid=secret")]), upstream_lines=lines
    )
    found = json.loads(json_line(report))
    assert found["cors.upstream.allow_origin"] == '"' and found["cors.upstream.allow_methods"] == [
        "GET",
        "PUT",
    ]
    assert found["cors.cookie"] is True and "secret" not in repr(found)
    nothing = json.loads(json_line(exchange(decision=REFUSED, upstream_lines=[])))
    assert nothing["cors.upstream.allow_origin"] == "" and "cors.cookie" not in nothing
    assert "cors.upstream.allow_origin" not in json.loads(json_line(exchange(decision=REFUSED)))


HOSTILE = [
    b'"} {"cors.decision":"forward',
    b"\x1b[2J\r\n",
    b"\xff" * 5000,
    b'"' * 5000,
    "\u2028".encode(),
    b"a\\",
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("write", [json_line, text_line])
def test_hostile_bytes_stay_inside_a_bounded_line(
    exchange: Make, value: bytes, write: Callable[[Exchange], bytes]
) -> None:
    line = write(
        exchange(
            method=value,
            target=value,
            host=value,
            origin=value,
            user_agent=value,
            request_id=value,
            peer=value.decode("latin-1"),
            decision=replace(REFUSED, detail=value),
        )
    )
    assert line.endswith(b"\n") and all(0x20 <= byte < 0x7F for byte in line[:-1])
    assert len(line) < 4096
    if write is json_line:
        assert json.loads(line)["cors.decision"] == "refuse"


@pytest.mark.parametrize("write", [json_line, text_line])
def test_the_query_is_not_written(exchange: Make, write: Callable[[Exchange], bytes]) -> None:
    assert b"secret" not in write(exchange(decision=FORWARDED))


def test_text(exchange: Make) -> None:
    line = text_line(exchange(decision=REFUSED, status=403, origin=b"https://evil.example")).decode()
    assert (
        line.split(" ", 1)[1]
        == "403 GET /items origin=https://evil.example client=192.0.2.1 refuse: origin-not-allowed [policy.yaml:14] 12.5ms\n"
    )
    line = text_line(
        exchange(
            decision=replace(REFUSED, detail=b"X-A"),
            mode="report",
            enforced=False,
            difference=Reason.CROSS_SITE,
        )
    ).decode()
    assert "origin-not-allowed (X-A) [policy.yaml:14] let pass: mode report differs: cross-site" in line
    assert (
        "--- GET /items origin=- client=192.0.2.1 none: client-gone"
        in text_line(exchange(status=0, fault=Reason.CLIENT_GONE)).decode()
    )


def test_chosen() -> None:
    assert formatter("json") is json_line and formatter("text") is text_line and formatter("off") is None


def preflight(
    exchange: Make, *lines: tuple[bytes, bytes], refused: tuple[bytes, ...] = ()
) -> dict[str, object]:
    decision = Refuse(Reason.METHOD_NOT_ALLOWED, "preflight", refused=refused) if refused else ANSWERED
    found = json_line(exchange(decision=decision, judged=judge_headers(lines)))
    return {
        key: value
        for key, value in json.loads(found).items()
        if key.startswith(("cors.asked", "cors.refused"))
    }


ASKS = (b"Access-Control-Request-Method", b"DELETE")


def test_what_a_preflight_asks(exchange: Make) -> None:
    names = (b"Access-Control-Request-Headers", b"x-a, X-B,x-c")
    asked = {"cors.asked.method": "DELETE", "cors.asked.headers": ["x-a", "x-b", "x-c"]}
    assert preflight(exchange, ASKS, names) == asked
    refused = (b"DELETE", b"x-a", b"x-c")
    assert preflight(exchange, ASKS, names, refused=refused) == asked | {
        "cors.refused": ["DELETE", "x-a", "x-c"]
    }
    network = (b"Access-Control-Request-Private-Network", b"true")
    assert preflight(exchange, ASKS, network) == {
        "cors.asked.method": "DELETE", "cors.asked.headers": [], "cors.asked.private_network": True,
    }  # fmt: skip
    request = json_line(exchange(decision=FORWARDED, judged=judge_headers([ASKS])))
    assert b"cors.asked" not in request


def test_a_long_list_is_whole(exchange: Make) -> None:
    names = [b"x-%03d-" % number + b"a" * 57 for number in range(128)]
    long = [b"x-" + b"a" * 4000, b"x-" + b"b" * 4000]
    for asked in (names, long):
        line = (b"Access-Control-Request-Headers", b",".join(asked))
        found = preflight(exchange, ASKS, line, refused=tuple(asked))
        assert found["cors.asked.headers"] == found["cors.refused"] == [name.decode() for name in asked]


@pytest.mark.parametrize("value", [*HOSTILE, b"x-a b," * 3000, b"\x00" * 8000])
def test_a_malformed_list_is_bounded(exchange: Make, value: bytes) -> None:
    judged = judge_headers(
        [(b"Access-Control-Request-Method", value), (b"Access-Control-Request-Headers", value)]
    )
    line = json_line(exchange(decision=replace(REFUSED, kind="preflight", refused=(value,)), judged=judged))
    assert all(0x20 <= byte < 0x7F for byte in line[:-1]) and len(line) < 20_000
    assert len(json.loads(line)["cors.asked.headers"]) <= 128


TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize(
    ("traceparent", "valid"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"cc-{TRACE}-{SPAN}-01", True),
        (f"cc-{TRACE}-{SPAN}-01-what", True),
        (f"00-{TRACE}-{SPAN}-01-what", False),
        (f"cc-{TRACE}-{SPAN}-01what", False),
        (f"ff-{TRACE}-{SPAN}-01", False),
        (f"00-{TRACE.upper()}-{SPAN}-01", False),
        (f"00-{'0' * 32}-{SPAN}-01", False),
        (f"00-{TRACE}-{'0' * 16}-01", False),
        (f"00_{TRACE}-{SPAN}-01", False),
        (f"00-{TRACE}-{SPAN}-0", False),
        (f'00-{TRACE}-{SPAN}-0"', False),
        ("", False),
    ],
)
def test_the_trace(exchange: Make, traceparent: str, valid: bool) -> None:
    found = json.loads(json_line(exchange(decision=FORWARDED, traceparent=traceparent.encode())))
    expected = (TRACE, SPAN) if valid else (None, None)
    assert (found.get("trace_id"), found.get("span_id")) == expected


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({"route": "other"}, PREFLIGHT),
        ({"mode": "report"}, PREFLIGHT),
        ({"enforced": False}, PREFLIGHT),
        ({}, [(b"access-control-request-method", b"PATCH"), *PREFLIGHT[1:]]),
        ({}, [PREFLIGHT[0], (b"access-control-request-headers", b"x-b"), PREFLIGHT[2]]),
        ({}, PREFLIGHT[:2]),
    ],
)
def test_a_shared_decision_is_written_for_each_request(
    exchange: Make, changes: dict[str, object], lines: list[tuple[bytes, bytes]]
) -> None:
    """A decision keeps its text, and may be that of many routes and requests."""

    def written(decision: Refuse, **more: object) -> bytes:
        line = json_line(exchange(**{"decision": decision, "judged": judge_headers(PREFLIGHT), **more}))
        return line.partition(b'"http.request.method"')[2]

    shared, other = (
        Refuse(Reason.METHOD_NOT_ALLOWED, "preflight", Place("policy.yaml", 7, 3)) for _ in range(2)
    )
    first = written(shared)
    assert written(shared) == first
    expected = written(other, **changes, judged=judge_headers(lines))
    assert written(shared, **changes, judged=judge_headers(lines)) == expected != first


def test_long_lists_are_not_kept_with_a_decision(exchange: Make) -> None:
    """A cached decision would hold what a client chose."""
    decision = replace(ANSWERED)
    for size, kept in ((1024, True), (1025, False)):
        object.__setattr__(decision, "logged", None)
        for name in (b"access-control-request-headers", b"access-control-request-method"):
            json_line(exchange(decision=decision, judged=judge_headers([(name, b"x" * size)])))
            assert (decision.logged is not None) is kept
