import asyncio
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from cors_proxy.operate.backend import SingleProcess
from cors_proxy.operate.events import Events
from cors_proxy.operate.recorder import Recorder
from cors_proxy.operate.service import Service
from cors_proxy.policy.read import read_policy

from .serving import EVIL, api, ask, text


@pytest.fixture
def out(lines: Callable[[], Any]) -> Any:
    return lines()


def service(path: Path, out: Any) -> Service:
    source = partial(read_policy, str(path))
    events = Events(out)
    return Service(source()[0], source, SingleProcess(Recorder(out, events, "off")), events)


async def test_it_serves_is_counted_and_reloads(tmp_path: Path, out: Any) -> None:
    path = tmp_path / "policy.yaml"
    async with api() as upstream, aiohttp.ClientSession() as session:
        path.write_text(text(upstream))
        it = service(path, out)
        assert not it.ready
        await it.start([], [], [])
        assert it.ready
        (said,) = out.objects
        assert said["event.name"] == "listening" and said["upstream"] == [upstream]
        port = int(said["listen"][0].rpartition(":")[2])
        assert await ask(port, EVIL) == 403
        assert (
            b'cors_proxy_requests_total{code="403",outcome="refused",route="(default)"} 1.0'
            in await it.metrics()
        )
        path.write_text(text(upstream, EVIL))
        async with session.post(said["admin"][0] + "/reload") as got:
            assert got.status == 200
        assert await ask(port, EVIL) == 200
        assert b'cors_proxy_config_reloads_total{result="success"} 1.0' in await it.metrics()
        await it.close()
        assert not it.ready
        with pytest.raises(OSError):
            await ask(port)
        with pytest.raises(aiohttp.ClientError):
            await session.get(said["admin"][0] + "/healthz")


async def test_a_taken_address_leaves_nothing_behind(tmp_path: Path, out: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        path = tmp_path / "policy.yaml"
        path.write_text(
            text("http://127.0.0.1:1").replace(
                "admin: 127.0.0.1:0", f"admin: 127.0.0.1:{taken.getsockname()[1]}"
            )
        )
        it = service(path, out)
        with pytest.raises(OSError):
            await it.start([], [], [])
        assert not it.ready
        await it.close()


async def test_a_reload_goes_on_without_whoever_asked_for_it(tmp_path: Path, out: Any) -> None:
    path = tmp_path / "policy.yaml"
    async with api() as upstream:
        path.write_text(text(upstream))
        it = service(path, out)
        await it.start([], [], [])
        admin = out.objects[0]["admin"][0].rpartition(":")[2]
        path.write_text(text(upstream, EVIL))
        _, writer = await asyncio.open_connection("127.0.0.1", int(admin))
        writer.write(b"POST /reload HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
        await writer.drain()
        asks = [asyncio.create_task(it.reload("test")) for _ in range(20)]
        await asyncio.sleep(0)
        for ask_ in asks:
            ask_.cancel()
        writer.transport.abort()
        async with asyncio.timeout(20):
            while len(out.objects) < 3:
                await asyncio.sleep(0.01)
        await it.close()
    # One that runs, and one that waits and stands for all the others.
    assert [each["event.name"] for each in out.objects] == [
        "listening",
        "policy-reloaded",
        "policy-reloaded",
        "stopped",
    ]
