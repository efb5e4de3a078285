"""What an engine cannot carry, and where the policy says it."""

import pytest

from cors_proxy.engines.glue import ENGINES
from cors_proxy.engines.losses import losses
from cors_proxy.engines.names import DIALECTS
from cors_proxy.policy.read import parse_policy

DECIDE = "version: 1\nupstream: http://a\ndecide: {listen: 127.0.0.1:1, dialect: forwarded}\n"
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
    found = [(engine, loss) for engine in ("nginx", "haproxy") for loss in losses(engine, policy)]
    assert [
        (engine, loss.key, loss.route, loss.place.line if loss.place else 0) for engine, loss in found
    ] == expected
    assert not any(loss.refusal for _, loss in found)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ["repeated headers"]),
        ("mode: report\ncors: {preflight: {status: 200}}\n", []),
        (
            "cors: {preflight: {status: 200}}\nroutes: [{path: /off, cors: off}, {path: /a, cors: {}}]\n",
            ["cors.preflight.status", "cors.preflight.status", "repeated headers"],
        ),
    ],
)
def test_of_envoy(text: str, keys: list[str]) -> None:
    policy = parse_policy(DECIDE.replace("forwarded", "mirror") + text, "p", "")[0]
    assert [loss.key for loss in losses("envoy-http", policy)] == keys


def test_of_caddy() -> None:
    amp = "amp: {publisher: https://e.example"
    text = f"routes: [{{path: /a, {amp}}}}}, {{path: /b, {amp}, source_origin: keep}}}}]\n"
    policy = parse_policy(DECIDE + text, "p", "")[0]
    assert [(loss.key, loss.route) for loss in losses("caddy", policy)] == [("amp.source_origin", "/a")]


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
        ("envoy-proc", "mode: report\n", []),
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
    assert [loss.key for loss in losses(engine, policy)] == keys
