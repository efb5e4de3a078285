"""Two deciders behind each engine that is installed.  `python -m tests.engines` kills them under load."""

import asyncio

import pytest

from cors_proxy.engines.glue import files
from cors_proxy.engines.names import DIALECTS
from cors_proxy.policy.addresses import parse_upstream
from cors_proxy.policy.model import Address
from cors_proxy.policy.read import parse_policy
from tests.casebook import Policy as Block
from tests.wire import Client, Upstream

from . import binary
from .running import Decider, engine
from .setups import SETUPS

BLOCK = Block("p", "version: 1\ncors: {origins: [https://app.example]}\n", ())


async def status(port: int) -> int:
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    lines = b"Host: api.example\r\nOrigin: https://app.example\r\nContent-Length: 5\r\n"
    await client.send(b"POST / HTTP/1.1\r\n%b\r\nhello" % lines)
    response = await client.answer("POST")
    client.close()
    return response.status


@pytest.mark.parametrize("name", SETUPS)
async def test_requests_go_on_with_one_of_two_and_none_passes_without(name: str) -> None:
    if not binary(name.partition("-")[0]):
        pytest.skip(f"{name} is not installed")
    upstream = Upstream()
    await upstream.start()
    deciders = [Decider(f"dialect: {DIALECTS[name]}") for _ in range(2)]
    policies = [each.policy(BLOCK, upstream.port) for each in deciders]
    for each, policy in zip(deciders, policies, strict=True):
        await each.serve(policy)
    async with engine(
        SETUPS[name], policies[0], [Address("127.0.0.1", each.port) for each in deciders]
    ) as at:
        assert [await status(at) for _ in range(4)] == [200] * 4
        await deciders[0].stop()
        assert [await status(at) for _ in range(4)] == [200] * 4
        assert [seen.body for seen in upstream.requests] == [b"hello"] * 8
        await deciders[1].stop()
        upstream.requests.clear()
        assert await status(at) >= 500 and not upstream.requests
    await upstream.stop()


def made(engine: str) -> str:
    """What `glue` writes for three deciders."""
    text = f"version: 1\ndecide: {{listen: 127.0.0.1:9902, dialect: {DIALECTS[engine]}}}\n"
    policy = parse_policy(text, "p", "")[0]
    assert policy.decide is not None
    deciders = [Address("10.0.0.1", 11), Address("10.0.0.2", 12), Address("::1", 13)]
    api = parse_upstream("http://api:3000")
    return "".join(files(engine, policy, policy.decide, api, "*:80", deciders).values())


@pytest.mark.parametrize("engine", SETUPS)
def test_all_deciders_are_named_and_nothing_else_is_asked(engine: str) -> None:
    text = made(engine)
    envoy = engine.startswith("envoy")
    for host, port in (("10.0.0.1", 11), ("10.0.0.2", 12), ("::1", 13)):
        told = f'address: "{host}", port_value: {port}' if envoy else str(Address(host, port))
        assert told in text
    assert "9902" not in text


@pytest.mark.parametrize(
    ("engine", "lines"),
    [
        ("nginx", ["proxy_next_upstream error timeout;", "proxy_next_upstream_timeout 2s;"]),
        (
            "haproxy",
            ["retry-on conn-failure empty-response\n", "timeout connect 1s\n", "timeout server 2s\n"],
        ),
        ("caddy", ["lb_try_duration 2s\n", "response_header_timeout 2s\n"]),
        ("envoy-http", ["retry_on: connect-failure,refused-stream,reset\n", "timeout: 2s}"]),
        ("envoy-grpc", ["retry_on: connect-failure,refused-stream,reset\n", "timeout: 2s}"]),
        ("envoy-proc", ["retry_on: connect-failure,refused-stream,reset\n", "message_timeout: 2s\n"]),
    ],
)
def test_another_one_is_asked_only_if_one_does_not_answer(engine: str, lines: list[str]) -> None:
    """Never after a refusal: one `forward` of two would be enough then."""
    assert all(made(engine).count(line) == 1 for line in lines)


def test_no_other_machine_can_ask_through_haproxy() -> None:
    text = made("haproxy")
    binds = [line.strip() for line in text.splitlines() if line.strip().startswith("bind ")]
    assert binds == ["bind *:80", "bind abns@cors_proxy_deciders___80"]
    assert 'dst = "abns@cors_proxy_deciders___80",' in text


def test_a_decider_over_grpc_that_does_not_answer_is_found_by_its_health() -> None:
    assert "grpc_health_check: {}" in made("envoy-proc") and "grpc_health_check" not in made("envoy-http")
