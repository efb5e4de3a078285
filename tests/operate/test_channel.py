import asyncio
import socket

import pytest
import uvloop

from cors_proxy.operate.channel import Channel
from cors_proxy.operate.counters import Counters, Gauges
from cors_proxy.policy.read import parse_policy

POLICY = """
version: 1
upstream: http://127.0.0.1:3000
cors: {origins: [https://app.example.com, "https://*.example.com"], credentials: true}
routes:
  - {path: /amp/**, amp: {publisher: https://example.com}}
  - {path: /public/*, cors: {origins: "*", credentials: false}}
server: {workers: 2, trusted_proxies: [private]}
"""


async def pair() -> tuple[Channel, Channel]:
    first, second = socket.socketpair()
    return await Channel.open(first), await Channel.open(second)


async def test_a_policy_and_counts_arrive_whole() -> None:
    ours, theirs = await pair()
    policy = parse_policy(POLICY, "policy.yaml", "")[0]
    counters = Counters()
    counters.requests["public", "refused", "403"] += 2
    ours.send("policy", (1, policy))
    ours.send("counts", (counters, Gauges(3, 4)))
    kind, (serial, found) = await theirs.receive()
    assert (kind, serial) == ("policy", 1)
    assert (found.listen, found.spec, found.forwarding, found.server) == (
        policy.listen,
        policy.spec,
        policy.forwarding,
        policy.server,
    )
    assert await theirs.receive() == ("counts", (counters, Gauges(3, 4)))
    ours.close()
    theirs.close()


async def test_large_values() -> None:
    ours, theirs = await pair()
    ours.send("text", "x" * 3_000_000)
    assert await theirs.receive() == ("text", "x" * 3_000_000)
    await ours.flush()
    ours.close()
    theirs.close()


async def test_the_other_end_is_gone() -> None:
    ours, theirs = await pair()
    ours.close()
    with pytest.raises(EOFError):
        await theirs.receive()
    theirs.close()


def test_to_one_that_is_gone_nothing_is_sent() -> None:
    """On uvloop, which raises where asyncio is silent."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_send_to_one_that_is_gone())


async def _send_to_one_that_is_gone() -> None:
    ours, theirs = await pair()
    theirs.close()
    with pytest.raises(EOFError):
        await ours.receive()
    ours.close()
    for _ in range(3):
        ours.send("counts")
        await asyncio.sleep(0)
    with pytest.raises(EOFError):
        await ours.flush()
