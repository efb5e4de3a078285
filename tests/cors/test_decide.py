"""Beside the corpus: what holds for every request, whatever its bytes."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.decision import Answer, Decision, Forward, Line, Refuse
from cors_proxy.cors.judge import judge
from cors_proxy.cors.origins import OriginSet
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.request import read
from cors_proxy.cors.response import rewrite
from cors_proxy.cors.site import Site

from .sites import APP, request, site, written
from .strategies import near_origins, thorough, wire_values

POLICIES = [
    """
self_origins: [https://api.example]
cors:
  origins: [https://app.example, "https://*.apps.example:8443", "https://pr-*.example.com", "http://localhost:*"]
  methods: [GET, PUT]
  headers: [X-Foo]
  credentials: true
  accept_from: [https://a.example, null]
""",
    """
hosts: [app.example]
cors: {origins: [null, "https://*.example"], methods: "*", headers: ["*", Authorization], expose: "*", private_network: true}
server: {debug: true}
""",
    "cors: {origins: '*', headers: '*'}",
    """
routes:
  - path: /a/**
    amp: {publisher: https://app.example}
    cors: {credentials: true}
  - path: /b/**
    amp: {email: {senders: ["*@example.com"]}}
  - path: /c/**
    cors: off
  - path: /d/**
    mode: headers
    cors: {origins: [https://app.example], credentials: true, without_origin: deny, websocket: deny}
""",
]
rules_of = cache(site)

NAMES = ["Origin", "origin", "Access-Control-Request-Method", "Access-Control-Request-Headers", "Access-Control-Request-Private-Network",
         "AMP-Same-Origin", "AMP-Email-Sender", "Sec-Fetch-Site", "Upgrade", "Host", "Cookie", "X-Foo"]  # fmt: skip
VALUES = [b"GET", b"PUT", b"DELETE", b"x-foo", b"x-foo,authorization", b"amp-same-origin", b"true", b"same-origin", b"cross-site",
b"websocket",
          b"app.example", b"api.example", b"https://app.example", b"https://app-example.cdn.ampproject.org", b"null", b"a@example.com",
          b"*"]  # fmt: skip
header_lines = st.lists(
    st.tuples(st.sampled_from(NAMES).map(str.encode), st.sampled_from(VALUES) | wire_values), max_size=6
)
methods = st.sampled_from([b"GET", b"OPTIONS", b"POST", b"PUT", b"PROPFIND"])
targets = st.sampled_from(
    [
        b"/",
        b"/a/x",
        b"/%61/x",
        b"/a/../b",
        b"/b/x?__amp_source_origin=a@example.com",
        b"/b%2fx",
        b"/c/x",
        b"/d/x",
        b"//",
    ]
)
policies = st.sampled_from(POLICIES)


def outcome(
    rules: Site, method: bytes, target: bytes, lines: list[Line], upstream: list[Line]
) -> tuple[Decision, Decision, list[Line]]:
    """What was decided, what is done, and the lines that the client gets."""
    asked = read(method, target, lines)
    judged = judge(rules, asked)
    decision, action = judged.decision, judged.action
    assert isinstance(action, Forward | Answer | Refuse)
    return (
        decision,
        action,
        rewrite(action.grant, upstream) if isinstance(action, Forward) else written(action.grant.local_bytes),
    )


def values(lines: list[Line], name: bytes) -> list[bytes]:
    return [value for own, value in lines if own.lower() == name]


@thorough
@given(policies, methods, targets, header_lines)
def test_one_grant_at_most_and_never_outside_the_policy(
    policy: str, method: bytes, target: bytes, lines: list[Line]
) -> None:
    rules = rules_of(policy)
    upstream = [
        (b"Access-Control-Allow-Origin", b"https://evil.example"),
        (b"access-control-allow-credentials", b"true"),
        (b"Vary", b"Accept"),
    ]
    decision, action, found = outcome(rules, method, target, lines, upstream)
    if action.grant.hands_off:
        assert decision.reason is Reason.CORS_OFF and found == upstream
        return
    route, _ = rules.match(read(method, target, lines))
    granted, credentials = (
        values(found, b"access-control-allow-origin"),
        values(found, b"access-control-allow-credentials"),
    )
    assert len(granted) <= 1 and credentials in ([], [b"true"])
    assert not (credentials and granted in ([], [b"*"], [b"null"]))
    assert b"amp-same-origin" not in b",".join(values(found, b"access-control-allow-headers")).lower()
    assert not any(byte < 0x20 or byte > 0x7E for _, value in found for byte in value)
    sent = [value.strip(b" \t") for name, value in lines if name.lower() == b"origin"]
    for origin in granted:
        publisher = route.amp is not None and (origin in route.amp.publishers or not sent)
        sender = route.email is not None and decision.reason is Reason.AMP_EMAIL_SENDER
        assert (
            publisher
            or sender
            or (origin == b"*" and route.any_origin is not None)
            or route.origins.find(origin) is not None
        )
        assert origin == b"*" or sent == [origin] or (route.amp is not None and not sent)
    if isinstance(action, Refuse) and action.reason is not Reason.METHOD_NOT_ALLOWED:
        assert granted in ([], [b"*"])


@thorough
@given(policies, methods, targets, header_lines, st.integers(0, 5), st.binary(min_size=1, max_size=3))
def test_a_repeated_or_dirty_header_never_widens(
    policy: str, method: bytes, target: bytes, lines: list[Line], at: int, dirt: bytes
) -> None:
    """Whoever is refused stays refused with one of his lines sent twice, or with bytes in it that a browser never sends."""
    rules = rules_of(policy)
    if at >= len(lines) or lines[at][0].lower() in (b"host", b"cookie", b"x-foo"):
        return
    name, value = lines[at]
    before = outcome(rules, method, target, lines, [])[1]
    for changed in (
        [*lines, lines[at]],
        [*lines, (name.upper(), value)],
        [*lines[:at], (name, value + b"\xff" + dirt), *lines[at + 1 :]],
    ):
        after = outcome(rules, method, target, changed, [])[1]
        if isinstance(before, Refuse):
            assert isinstance(after, Refuse) or name.lower().startswith(b"access-control-request-")
        if name.lower() not in (b"access-control-request-headers", b"access-control-request-private-network"):
            assert isinstance(after, Refuse) and after.status == 400 and after.grant.lines == ()


@thorough
@given(near_origins)
def test_who_is_let_in_is_who_the_policy_names(raw: bytes) -> None:
    """decide, against the sets alone."""
    rules = rules_of(POLICIES[0])
    decision = outcome(rules, b"GET", b"/", [(b"Host", b"api.example"), (b"Origin", raw)], [])[0]
    sent = raw.strip(b" \t")
    route = rules.default
    if isinstance(decision, Forward):
        by = {Reason.ORIGIN_ALLOWED: route.origins, Reason.ACCEPT_FROM: route.accept_from}.get(
            decision.reason, OriginSet(())
        )
        assert by.find(sent) is not None or (
            decision.reason is Reason.OWN_ORIGIN and sent == b"https://api.example"
        )
    elif decision.reason not in (Reason.HEADER_BYTES,):
        assert route.origins.find(sent) is None and route.accept_from.find(sent) is None


@pytest.mark.parametrize(("headers", "method", "reason", "line"), [
    ({"Origin": APP}, "GET", Reason.ORIGIN_ALLOWED, 5),
    ({"Origin": APP}, "PUT", Reason.METHOD_NOT_ALLOWED, 6),
    ({"Origin": "https://evil.example"}, "GET", Reason.ORIGIN_NOT_ALLOWED, 4),
    ({"Origin": "https://idp.example"}, "GET", Reason.ACCEPT_FROM, 7),
    ({"Origin": "https://api.example"}, "GET", Reason.OWN_ORIGIN, 10),
    ({}, "GET", Reason.MISSING_ORIGIN, 8),
    ({"Origin": APP, "Upgrade": "websocket"}, "GET", Reason.WEBSOCKET_DENIED, 9),
])  # fmt: skip
def test_every_decision_names_its_line(
    headers: dict[str, str], method: str, reason: Reason, line: int
) -> None:
    rules = site("""cors:
  origins:
    - https://app.example
  methods: [GET]
  accept_from: [https://idp.example]
  without_origin: deny
  websocket: deny
self_origins: [https://api.example]
""")
    found = judge(rules, request(method, **headers)).decision
    assert found.rule is not None
    assert (found.reason, found.rule.line) == (reason, line)


def test_an_allowed_origin_costs_no_more_than_a_look_up() -> None:
    """The prepared decision itself comes back, not a copy."""
    rules = site(f"cors: {{origins: [{APP}]}}")
    assert judge(rules, request(Origin=APP)).decision is judge(rules, request("POST", Origin=APP)).decision
    assert judge(rules, request()).decision is judge(rules, request()).decision


@pytest.mark.parametrize(
    "policy",
    [
        "cors: {origins: '*', methods: [POST]}",
        "cors: {origins: '*', without_origin: deny}",
        "cors: {origins: '*', websocket: deny}",
    ],
)
def test_a_socket_s_refusal_carries_no_constant(policy: str) -> None:
    origin = {} if "without_origin" in policy else {"Origin": APP}
    decision = judge(site(policy), request(Upgrade="websocket", **origin)).decision
    assert isinstance(decision, Refuse)
    assert (decision.kind, decision.grant.lines) == ("websocket", ())


def test_an_allowed_handshake_that_the_api_declines_can_be_read() -> None:
    decision = judge(site(f"cors: {{origins: [{APP}]}}"), request(Upgrade="websocket", Origin=APP)).decision
    assert isinstance(decision, Forward)
    assert (decision.kind, decision.grant.lines) == (
        "websocket",
        ((b"Access-Control-Allow-Origin", APP.encode()),),
    )
