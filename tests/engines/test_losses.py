"""What an engine cannot carry, and where the policy says it."""

import pytest

from cors_proxy.engines import exchange_losses
from cors_proxy.engines.glue import ENGINES
from cors_proxy.engines.losses import Loss, losses
from cors_proxy.engines.names import DIALECTS
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy

DECIDE = "version: 1\nupstream: http://a\ndecide: {listen: 127.0.0.1:1, dialect: forwarded}\n"
GENERAL = {
    key
    for entries in (exchange_losses.ENFORCED, exchange_losses.GRANTED, exchange_losses.ALWAYS)
    for key, _, _ in entries
}


def of_policy(engine: str, policy: Policy) -> list[Loss]:
    """Without those that every policy has there."""
    return [loss for loss in losses(engine, policy) if loss.key not in GENERAL]


STAR = "cors: {origins: [https://a.example], credentials: true, expose: '*'}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (STAR, [("nginx", "cors.expose", "(default)", 4)]),
        (STAR.replace("credentials: true, ", ""), []),
        (f"{STAR}routes: [{{path: /a, cors: off}}]\n", [("nginx", "cors.expose", "(default)", 4)]),
        *(
            (
                f"routes: [{{path: /a/**, {keys}}}]\n",
                [("nginx", key, "/a/**", 4), ("haproxy", key, "/a/**", 4)],
            )
            for key, keys in (
                ("strip_prefix", "strip_prefix: /a"),
                ("rewrite_location", "rewrite_location: true"),
                ("upstream_origin", "upstream_origin: own"),
                ("upstream_host", "upstream_host: upstream"),
                ("upstream", "upstream: http://b"),
                ("limits", "limits: {body_bytes: 1}"),
                ("timeouts", "timeouts: {response: 1}"),
            )
        ),
    ],
)
def test_by_key_route_and_line(text: str, expected: list[tuple[str, str, str, int]]) -> None:
    policy = parse_policy(DECIDE + text, "p", "")[0]
    found = [(engine, loss) for engine in ("nginx", "haproxy") for loss in of_policy(engine, policy)]
    assert [
        (engine, loss.key, loss.route, loss.place.line if loss.place else 0) for engine, loss in found
    ] == expected
    assert not any(loss.refusal for _, loss in found)


@pytest.mark.parametrize(
    ("engine", "text", "keys"),
    [
        ("haproxy", "{limits: {body_bytes: 1}}", ["server.limits.body_bytes"]),
        ("nginx", "{limits: {body_bytes: 1}}", []),
        ("nginx", "{limits: {header_count: 9}}", ["server.limits"]),
        ("caddy", "{timeouts: {body_idle: 1}}", ["server.timeouts"]),
    ],
)
def test_of_the_server(engine: str, text: str, keys: list[str]) -> None:
    policy = parse_policy(f"{DECIDE}server: {text}\n", "p", "")[0]
    found = of_policy(engine, policy)
    assert [loss.key for loss in found] == keys
    assert all(loss.place is not None and loss.place.line == 4 for loss in found)


def test_what_is_refused_matters_only_where_something_is() -> None:
    for engine in DIALECTS:
        decide = DECIDE.replace("forwarded", DIALECTS[engine])
        report = losses(engine, parse_policy(f"{decide}mode: report\n", "p", "")[0])
        assert {loss.key for loss in report} <= {"joined lines", "early hints", "OPTIONS *", "paths"}
        off = parse_policy(f"{decide}routes: [{{path: /a, cors: off}}]\n", "p", "")[0]
        assert all(loss.route == "/a" for loss in losses(engine, off) if loss.key == "joined lines")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ["repeated headers"]),
        ("mode: report\ncors: {preflight: {status: 200}}\n", ["joined lines"]),
        (
            "cors: {preflight: {status: 200}}\nroutes: [{path: /off, cors: off}, {path: /a, cors: {}}]\n",
            ["cors.preflight.status", "cors.preflight.status", "repeated headers", "joined lines"],
        ),
    ],
)
def test_of_envoy(text: str, keys: list[str]) -> None:
    policy = parse_policy(DECIDE.replace("forwarded", "mirror") + text, "p", "")[0]
    assert [loss.key for loss in of_policy("envoy-http", policy)] == keys


def test_of_caddy() -> None:
    amp = "amp: {publisher: https://e.example"
    text = f"routes: [{{path: /a, {amp}}}}}, {{path: /b, {amp}, source_origin: keep}}}}]\n"
    policy = parse_policy(DECIDE + text, "p", "")[0]
    assert [(loss.key, loss.route) for loss in of_policy("caddy", policy)] == [("amp.source_origin", "/a")]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("key", ["decide", "decide.dialect"])
def test_a_lost_refusal(engine: str, key: str) -> None:
    other = "forwarded" if DIALECTS[engine] == "mirror" else "mirror"
    decide = f"decide: {{listen: 127.0.0.1:1, dialect: {other}}}\n" if key == "decide.dialect" else ""
    policy = parse_policy(f"version: 1\nmode: report\nupstream: http://a\n{decide}", "p", "")[0]
    loss, *others = losses(engine, policy)
    assert (loss.key, loss.refusal) == (key, True) and "REFUSAL LOST" in str(loss)
    assert not any(other.refusal for other in others)


@pytest.mark.parametrize(
    ("engine", "text", "keys"),
    [
        ("envoy-grpc", "", ["lists without spaces"]),
        ("envoy-proc", "cors: {preflight: {status: 200}}\n", ["lists without spaces"]),
        ("envoy-proc", "mode: report\n", ["joined lines"]),
        ("istio", "", ["lists without spaces", "paths"]),
        (
            "envoy-gateway",
            "routes: [{path: /a, amp: {publisher: https://e.example}}]\n",
            ["lists without spaces", "paths"],
        ),
    ],
)
def test_of_those_that_ask_over_grpc(engine: str, text: str, keys: list[str]) -> None:
    policy = parse_policy(DECIDE.replace("forwarded", "grpc") + text, "p", "")[0]
    assert [loss.key for loss in of_policy(engine, policy)] == keys
