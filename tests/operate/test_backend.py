import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from cors_proxy.operate.backend import SingleProcess
from cors_proxy.operate.events import Events
from cors_proxy.operate.listeners import bind
from cors_proxy.operate.recorder import Recorder

from .serving import APP, EVIL, api, ask, policy


async def test_its_life(lines: Callable[[], Any]) -> None:
    access = lines()
    backend = SingleProcess(Recorder(access, Events(lines()), "off"))
    async with api() as upstream:
        assert not backend.ready
        sockets = bind(policy(upstream).listen)
        port = sockets[0].getsockname()[1]
        await backend.start(policy(upstream), sockets)
        assert backend.ready
        assert (await ask(port), await ask(port, EVIL)) == (200, 403)
        await backend.apply(policy(upstream, EVIL, "server: {access_log: json}\n"))
        assert (await ask(port), await ask(port, EVIL)) == (403, 200)
        access.dropped = 1
        counters, gauges = await backend.counts()
        assert sum(counters.requests.values()) == 4 and gauges.in_flight == 0 and gauges.memory > 1 << 20
        (key,) = gauges.upstreams
        assert key[0].endswith(key[1]) and gauges.upstreams[key]
        assert (counters.upstream_requests[key], counters.upstream_failures[key]) == (2, 0)
        assert len(access.lines) == 2 and counters.dropped["stdout",] == 1
        backend.announce()
        assert (await ask(port, EVIL)) == 200  # still served, with Connection: close
        async with asyncio.timeout(10):
            await backend.drain()
        with pytest.raises(OSError):
            await ask(port, APP)
        await backend.close()
        assert not backend.ready
    await backend.drain()  # nothing to do
    await backend.close()


async def test_what_is_prepared_is_not_in_force(lines: Callable[[], Any]) -> None:
    backend = SingleProcess(Recorder(lines(), Events(lines()), "off"))
    async with api() as upstream:
        sockets = bind(policy(upstream).listen)
        port = sockets[0].getsockname()[1]
        await backend.start(policy(upstream), sockets)
        backend.prepare(policy(upstream, EVIL))
        assert (await ask(port), await ask(port, EVIL)) == (200, 403)
        backend.abort()
        backend.commit()  # of nothing
        assert (await ask(port), await ask(port, EVIL)) == (200, 403)
        backend.prepare(policy(upstream, EVIL))
        backend.commit()
        assert (await ask(port), await ask(port, EVIL)) == (403, 200)
        await backend.close()


@pytest.mark.parametrize(("count", "shown"), [(64, 64), (65, 0)])
async def test_addresses_have_metrics_up_to_a_number(
    lines: Callable[[], Any], count: int, shown: int
) -> None:
    backend = SingleProcess(Recorder(lines(), Events(lines()), "off"))
    urls = ", ".join(f"http://127.0.1.{number}:1" for number in range(1, count + 1))
    made = policy(f"[{urls}]")
    sockets = bind(made.listen)
    await backend.start(made, sockets)
    assert await ask(sockets[0].getsockname()[1]) == 502
    counters, gauges = await backend.counts()
    assert len(gauges.upstreams) == shown
    assert sum(counters.upstream_failures.values()) == shown
    assert not any(gauges.upstreams.values())
    await backend.close()
