"""Two decision services: one is killed, and requests go on; both are killed, and nothing passes."""

import asyncio
import tempfile
from pathlib import Path

from cors_proxy.policy.model import Address
from cors_proxy.policy.read import parse_policy
from tests.wire import Upstream

from .kill import CLIENTS, EVIL, Seen, asked, load, serve
from .running import Setup, engine, free_port


async def failover(name: str, setup: Setup, times: int) -> list[str]:
    """What is wrong: a request that failed with one of them up, or one that passed with both down."""
    upstream = Upstream()
    await upstream.start()
    ports = [free_port(), free_port()]
    policies = [asked(name, port) for port in ports]
    asking = parse_policy(f"{policies[0]}upstream: http://127.0.0.1:{upstream.port}\n", "p", "")[0]
    deciders = [Address("127.0.0.1", port) for port in ports]
    seen, stop = Seen(), asyncio.Event()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{port}.yaml") for port in ports]
        for path, policy in zip(paths, policies, strict=True):
            path.write_text(policy)
        services = [await serve(path, port) for path, port in zip(paths, ports, strict=True)]
        async with engine(setup, asking, deciders) as at:
            running = [asyncio.create_task(load(at, number, seen, stop)) for number in range(CLIENTS)]
            await asyncio.sleep(0.3)
            for time in range(times):
                services[time % 2].kill()
                await services[time % 2].wait()
                await asyncio.sleep(0.3)
                services[time % 2] = await serve(paths[time % 2], ports[time % 2])
                await asyncio.sleep(0.3)
            failed, number = seen.failed(), seen.number()
            print(
                f"{name}: one of two killed {times} times: {failed} of {number} requests failed,"
                f" the slowest took {seen.slowest:.2f} s"
            )
            for service in services:
                service.kill()
                await service.wait()
            await asyncio.sleep(0.2)  # what was decided before is forwarded
            before, sent = len(upstream.requests), seen.number()
            await asyncio.sleep(1.0)
            passed = len(upstream.requests) - before
            print(f"{name}: both down: {passed} of {seen.number() - sent} requests at the API")
            last = await serve(paths[0], ports[0])
            await seen.goes_on()
            stop.set()
            await asyncio.gather(*running)
            last.kill()
            await last.wait()
    await upstream.stop()
    # The decider that was asked about the request is asked about its response too.
    most = CLIENTS * times if name == "envoy-proc" else 0
    foreign = [head.first for head in upstream.requests if head.all("origin") == [EVIL]]
    return [
        *([f"{name}: {failed} requests failed with one of two up"] if failed > most else []),
        *([f"{name}: {passed} requests passed with no decider"] if passed else []),
        *(f"{name}: reached the API: {first}" for first in foreign),
    ]
