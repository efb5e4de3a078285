"""The decision service is killed, stopped and started again under load: no refused request may pass."""

import asyncio
import contextlib
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from cors_proxy.engines.names import DIALECTS
from cors_proxy.policy.read import parse_policy
from tests.wire import Client, Upstream

from .running import PATIENCE, Setup, engine, free_port, reachable

APP, EVIL = "https://app.example", "https://evil.example"
CLIENTS = 8
FROZEN = 3.0  # seconds: longer than the time that an engine waits


@dataclass
class Seen:
    """What clients got."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)  # by origin and status
    slowest: float = 0.0  # in seconds

    def number(self) -> int:
        return sum(self.statuses.values())

    def failed(self) -> int:
        return sum(number for (_, status), number in self.statuses.items() if status >= 500)

    async def goes_on(self) -> None:
        before = self.statuses[APP, 200]
        async with asyncio.timeout(PATIENCE):
            while self.statuses[APP, 200] < before + 20:
                await asyncio.sleep(0.05)


def asked(name: str, port: int) -> str:
    """The policy of a decision service."""
    return (
        f"version: 1\nadmin: off\ndecide: {{listen: 127.0.0.1:{port}, dialect: {DIALECTS[name]}}}\n"
        f"cors: {{origins: [{APP}], methods: [GET, POST, PUT]}}\n"
    )


async def serve(path: Path, port: int) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cors_proxy", "run", "-c", str(path),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        while not await reachable(port):
            await asyncio.sleep(0.02)
    return process


async def load(port: int, number: int, seen: Seen, stop: asyncio.Event) -> None:
    """Requests of both origins, one after the other; every fourth is a preflight."""
    count = 0
    while not stop.is_set():
        with contextlib.suppress(ConnectionError, TimeoutError):
            client = Client(*await asyncio.open_connection("127.0.0.1", port))
            for _ in range(20):
                count += 1
                origin = EVIL if count % 3 else APP
                method = "OPTIONS" if count % 4 == number % 4 else "POST" if count % 2 else "GET"
                asks = "Access-Control-Request-Method: PUT\r\n" if method == "OPTIONS" else ""
                length = "Content-Length: 0\r\n" if method == "POST" else ""
                head = f"{method} /{number}/{count} HTTP/1.1\r\nHost: api.example\r\nOrigin: {origin}\r\n"
                begun = time.monotonic()
                await client.send(f"{head}{asks}{length}\r\n".encode())
                response = await client.answer(method)
                seen.statuses[origin, response.status] += 1
                seen.slowest = max(seen.slowest, time.monotonic() - begun)
                if not response.complete or response.all("connection") == ["close"] or stop.is_set():
                    break
            client.close()


async def kill(name: str, setup: Setup, times: int) -> list[str]:
    """What is wrong: requests that reached the API, or an engine that did not recover."""
    upstream = Upstream()
    await upstream.start()
    port = free_port()
    policy = asked(name, port)
    engines = parse_policy(f"{policy}upstream: http://127.0.0.1:{upstream.port}\n", "p", "")[0]
    seen, stop = Seen(), asyncio.Event()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "policy.yaml")
        path.write_text(policy)
        async with engine(setup, engines) as at:
            running = [asyncio.create_task(load(at, number, seen, stop)) for number in range(CLIENTS)]
            for each in range(times):
                process = await serve(path, port)
                await asyncio.sleep(0.3)
                if each % 4 == 3:
                    process.send_signal(signal.SIGSTOP)
                    await asyncio.sleep(FROZEN)
                process.kill()
                await process.wait()
                await asyncio.sleep(0.1)
            process = await serve(path, port)
            await seen.goes_on()
            stop.set()
            await asyncio.gather(*running)
            process.kill()
            await process.wait()
    await upstream.stop()
    print(f"{name}: {dict(sorted(seen.statuses.items()))}, {len(upstream.requests)} requests at the API")
    foreign = [head.first for head in upstream.requests if head.all("origin") == [EVIL]]
    preflights = [head.first for head in upstream.requests if head.first.startswith("OPTIONS")]
    granted = [status for origin, status in seen.statuses if origin == EVIL and 200 <= status < 300]
    return [f"{name}: reached the API: {first}" for first in (*foreign, *preflights)] + [
        f"{name}: a refused origin got {status}" for status in granted
    ]
