"""Two deciders behind each engine that is installed.  `python -m tests.engines` kills them under load."""

import asyncio

import pytest

from cors_proxy.engines.losses import DIALECTS
from cors_proxy.policy.model import Address
from tests.casebook import Policy as Block
from tests.wire import Client, Upstream

from . import binary
from .running import Decider, engine
from .setups import SETUPS

BLOCK = Block("p", "version: 1\ncors: {origins: [https://app.example]}\n", ())


async def status(port: int) -> int:
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    await client.send(b"GET / HTTP/1.1\r\nHost: api.example\r\nOrigin: https://app.example\r\n\r\n")
    response = await client.answer("GET")
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
        await deciders[1].stop()
        upstream.requests.clear()
        assert await status(at) >= 500 and not upstream.requests
    await upstream.stop()
