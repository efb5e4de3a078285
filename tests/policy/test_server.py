"""`server`, `listen`, `admin` and `decide`."""

import pickle
import sys
from dataclasses import fields
from ipaddress import ip_network

import pytest

from cors_proxy.cors.place import Place
from cors_proxy.policy.fields import ROUTE_LIMITS, ROUTE_TIMEOUTS
from cors_proxy.policy.model import LOOPBACK, Address, Admin, Decide, Limits, Server, Timeouts, Tracing
from cors_proxy.policy.nodes import ScalarNode
from cors_proxy.policy.problems import Findings
from cors_proxy.policy.read import parse_policy
from cors_proxy.policy.server_fields import LIMITS, TIMEOUTS
from cors_proxy.policy.types import Context

from .reading import codes, problems, read


def test_the_defaults() -> None:
    policy = read("")
    assert (policy.server, policy.listen, policy.admin) == (
        Server(),
        Address("127.0.0.1", 8080),
        Admin(Address("127.0.0.1", 9901)),
    )


def test_the_reference_names_the_models_defaults() -> None:
    for keys, model in ((LIMITS, Limits()), (TIMEOUTS, Timeouts())):
        assert [one.key for one in keys.fields] == [one.name for one in fields(model)]
        for one in keys.fields:
            context = Context(Findings(), "")
            assert one.type.decode(ScalarNode(one.default, Place("p", 1, 1)), "", context) == getattr(
                model, one.key
            )


def test_every_key() -> None:
    server = read(
        "server: {workers: 2, trusted_proxies: [private, 10.0.0.0/8, 203.0.113.0/24], limits: {body_bytes: 1MiB},"
        " timeouts: {response_idle: 0}, drain: {delay: 1, timeout: 2m}, access_log: off, debug: true}\n"
    ).server
    assert (server.workers, server.limits, server.timeouts) == (
        2,
        Limits(body_bytes=1 << 20),
        Timeouts(response_idle=0),
    )
    assert (server.drain_delay, server.drain_timeout, server.access_log, server.debug) == (
        1,
        120,
        "off",
        True,
    )
    assert len(server.trusted_proxies) == 9


def test_a_routes_limits_and_timeouts_are_the_servers_but_for_its_own() -> None:
    policy = read(
        "server: {limits: {body_bytes: 1MiB, minimum_rate: 50, connections: 9}, timeouts: {response: 5s, keep_alive: 3s}}\n"
        "routes:\n"
        "  - {path: /a, limits: {minimum_rate: 1KiB}, timeouts: {connect: 1s, response: 2m, response_idle: 0}}\n"
        "  - {path: /b, cors: off, limits: {body_bytes: 0, minimum_rate: 0}}\n"
        "  - {path: /c}\n"
    )
    a, b, c, default = policy.forwarding
    assert a.limits == Limits(body_bytes=1 << 20, minimum_rate=1024, connections=9)
    assert a.timeouts == Timeouts(connect=1, response=120, response_idle=0, keep_alive=3)
    assert b.limits == Limits(body_bytes=0, minimum_rate=0, connections=9)
    assert b.timeouts is c.timeouts is default.timeouts is policy.server.timeouts
    assert c.limits is default.limits is policy.server.limits


def test_every_key_of_the_server_is_one_of_a_route_or_refused_there() -> None:
    for name, keys, of_route in (("limits", LIMITS, ROUTE_LIMITS), ("timeouts", TIMEOUTS, ROUTE_TIMEOUTS)):
        for one in keys.fields:
            found = problems(f"routes: [{{path: /a, {name}: {{{one.key}: 300}}}}]\n")
            if one.key in [own.key for own in of_route.fields]:
                assert found == []
            else:
                assert [(p.code, p.hint) for p in found] == [("E206", f"write it under server.{name}")], (
                    one.key
                )


def test_values_on_a_route_are_read_as_on_the_server() -> None:
    assert (
        codes("routes: [{path: /a, limits: {minimum_rate: -1}, timeouts: {body_idle: 0, connect: soon}}]\n")
        == ["E204"] * 3
    )
    assert codes("routes: [{path: /a, limits: {minimum_rat: 1}, timeouts: {respons: 1}}]\n") == ["E201"] * 2
    assert codes("routes: [{path: /a, limits: 5, timeouts: [1s]}]\n") == ["E203"] * 2
    assert codes("server: {limits: {minimum_rate: fast}}\n") == ["E204"]


def test_admin() -> None:
    assert read("admin: off\n").admin is None
    assert read("admin: unix:/run/admin.sock\n").admin == Admin(Address(path="/run/admin.sock"))
    assert read("admin: {listen: '[::1]:1', hosts: Admin.example}\n").admin == Admin(
        Address("::1", 1), ("admin.example",)
    )
    assert read("admin: {hosts: [admin.example]}\n").admin == Admin(
        Address("127.0.0.1", 9901), ("admin.example",)
    )
    assert codes("admin: false\n") == ["E204"]
    assert codes("admin: [x]\n") == ["E203"]


def test_tracing() -> None:
    assert read("server: {tracing: {}}\n").server.tracing == Tracing(None, 1.0, None, 100)
    text = "server: {tracing: {otlp: 'https://otel.example/in/', sample: 0.5%, service_name: edge, parent_rate: 0}}\n"
    assert read(text).server.tracing == Tracing("https://otel.example/in", 0.005, "edge", 0)


@pytest.mark.parametrize("missing", ["opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"])
def test_tracing_without_its_packages(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    (problem,) = problems("server: {tracing: {}}\n")
    assert (problem.code, problem.place.line, problem.place.column) == ("E602", 3, 10)
    assert problem.hint == "install them: pip install 'cors-proxy[otel]'"
    assert problems("server: {access_log: off}\n") == []


@pytest.mark.parametrize("missing", ["h2", "google.protobuf"])
def test_grpc_without_its_packages(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    (problem,) = problems("decide: {listen: 127.0.0.1:1, dialect: grpc}\n")
    assert (problem.code, problem.place.line, problem.place.column) == ("E602", 3, 31)
    assert problem.hint == "install them: pip install 'cors-proxy[grpc]'"
    assert problems("decide: {listen: 127.0.0.1:1}\n") == []


def test_the_decision_listener() -> None:
    assert read("").decide is None and read("").forwards
    plain = read("decide: {listen: 127.0.0.1:1}\n")
    assert plain.decide == Decide(Address("127.0.0.1", 1), "mirror", "x-forwarded", LOOPBACK)
    assert plain.forwards
    text = "version: 1\ndecide: {listen: 'unix:/run/d', dialect: forwarded, headers: x-original, trust: [10.0.0.0/8]}"
    decider = parse_policy(text, "p", "")[0]
    assert decider.decide == Decide(
        Address(path="/run/d"), "forwarded", "x-original", (ip_network("10.0.0.0/8"),)
    )
    assert not decider.forwards
    assert pickle.loads(pickle.dumps(decider)).decide == decider.decide


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["E202"]),
        ("decide: {listen: 127.0.0.1:1}\n", []),
        ("decide: {dialect: forwarded}\n", ["E202"]),
        ("decide: {listen: 127.0.0.1:1, trust: []}\n", ["E205"]),
        ("decide: {listen: 127.0.0.1:1, trust: 10.0.0.1/8}\n", ["E204"]),
        ("decide: {listen: 127.0.0.1:1, dialect: nginx}\n", ["E204"]),
        ("decide: {listen: 127.0.0.1:1, dialect: mirror, headers: x-forwarded}\n", ["E209"]),
        ("decide: 127.0.0.1:1\n", ["E203"]),
        ("listen: 127.0.0.1:2\ndecide: {listen: 127.0.0.1:1}\n", ["E208"]),
        ("decide: {listen: 127.0.0.1:1}\nroutes: [{path: /a, upstream: http://a}, {path: /b}]\n", ["E208"]),
        # Where pages reach the API is not this policy's to know.
        ("decide: {listen: 0.0.0.0:1, trust: private}\ncors: {websocket: allow}\n", []),
    ],
)
def test_asks_need_no_upstream(text: str, found: list[str]) -> None:
    assert codes("version: 1\n" + text, whole=True) == found
