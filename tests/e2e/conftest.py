"""Real processes: `cors-proxy run` on free ports, in front of an aiohttp upstream."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

PATIENCE = 20.0  # seconds until a test gives up; never waited for
APP = "https://app.example.com"


@dataclass
class Upstream:
    """An API that can be told to hold its answers."""

    server: BaseTestServer
    seen: list[str]
    gate: asyncio.Event
    arrived: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async def answer(request: web.Request) -> web.Response:
        up.seen.append(request.path)
        up.arrived.put_nowait(request.path)
        if request.path.startswith("/hold"):
            await up.gate.wait()
        return web.Response(text=request.path)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        up = Upstream(server, [], asyncio.Event())
        yield up
        up.gate.set()


@dataclass
class Running:
    """A process, what it wrote, and where it listens."""

    process: asyncio.subprocess.Process
    path: Path
    events: list[dict[str, Any]]
    access: list[str]
    session: aiohttp.ClientSession
    reader: asyncio.Future[tuple[None, None]]
    url: str = ""
    admin: str = ""

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal(self, number: int) -> None:
        # Not `send_signal`: it polls the process, and the loop then misses the exit code (255).
        os.kill(self.pid, number)

    async def ask(self, path: str = "/", **options: Any) -> tuple[int, str]:
        async with self.session.request(options.pop("method", "GET"), self.url + path, **options) as got:
            return got.status, await got.text()

    async def ask_admin(self, path: str, method: str = "GET") -> tuple[int, str]:
        async with self.session.request(method, self.admin + path) as got:
            return got.status, await got.text()

    async def count(self, name: str) -> float:
        _, text = await self.ask_admin("/metrics")
        return sum(
            float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if line.startswith(name) and line[len(name)] in "{ "
        )

    async def until(self, condition: Callable[[], Awaitable[object] | object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                found = condition()
                if await found if isinstance(found, Awaitable) else found:
                    return
                await asyncio.sleep(0.02)

    async def event(self, name: str) -> dict[str, Any]:
        await self.until(
            lambda: any(each.get("event.name") == name for each in self.events) or self.reader.done()
        )
        return next(each for each in self.events if each.get("event.name") == name)

    async def end(self) -> int:
        async with asyncio.timeout(PATIENCE):
            code = await self.process.wait()
            await self.reader
        return code

    def children(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start(tmp_path: Path, upstream: Upstream) -> AsyncIterator[Start]:
    started: list[Running] = []

    async def begin(
        text: str = "",
        *,
        listen: str = "127.0.0.1:0",
        wait: bool = True,
        environment: dict[str, str] | None = None,
        to: str = "",
        prefix: tuple[str, ...] = (),
        **options: Any,
    ) -> Running:
        path = tmp_path / f"policy{len(started)}.yaml"
        path.write_text(
            f"version: 1\nlisten: {listen}\nadmin: 127.0.0.1:0\nupstream: {to or upstream.url}\ncors: {{origins: "
            f"[{APP}]}}\n{text}"
        )
        options = {"stdout": asyncio.subprocess.PIPE} | options
        process = await asyncio.create_subprocess_exec(
            *prefix,
            *options.pop("command", (sys.executable, "-m", "cors_proxy", "run", "-c", str(path))),
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | (environment or {}),
            **options,
        )
        events: list[dict[str, Any]] = []
        access: list[str] = []
        # A new connection for each request, so that requests reach all workers.
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True), timeout=aiohttp.ClientTimeout(PATIENCE)
        )

        async def read(stream: asyncio.StreamReader | None, take: Callable[[str], None]) -> None:
            if stream is not None:
                async for line in stream:
                    take(line.decode())

        reader = asyncio.gather(
            read(process.stdout, access.append),
            read(process.stderr, lambda line: events.append(parsed(line))),
        )
        running = Running(process, path, events, access, session, reader)
        started.append(running)
        if wait:
            listening = await running.event("listening")
            running.url, running.admin = listening["listen"][0], listening["admin"][0]
        return running

    yield begin
    for each in started:
        await each.session.close()
        with contextlib.suppress(ProcessLookupError):
            each.process.send_signal(signal.SIGKILL)
        await each.process.wait()
        each.reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await each.reader


def parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {"text": line}
    return found if isinstance(found, dict) else {"text": line}
