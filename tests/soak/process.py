"""The real `cors-proxy run`, and what it holds: memory, descriptors, threads."""

import asyncio
import json
import os
import re
import signal
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple, Self

import aiohttp

POLICY = """
version: 1
listen: 127.0.0.1:0
admin: 127.0.0.1:0
upstream: http://127.0.0.1:{port}
cors: {{origins: ['https://app.example', 'https://spare-{number}.example'], methods: [GET, HEAD, POST, PUT, DELETE], credentials: true}}
server: {{workers: {workers}, timeouts: {{upstream_keep_alive: 2s, keep_alive: 75s}}}}
"""


class Held(NamedTuple):
    """What one process holds; `resident` in bytes."""

    resident: int
    descriptors: int
    threads: int


class Process:
    """Its address is known inside `async with`."""

    def __init__(self, upstream: int, workers: int) -> None:
        self.upstream, self.workers = upstream, workers
        self.errors: list[str] = []
        self.lines = 0
        self.reloads = 0

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name, "policy.yaml")
        self._write()
        command = (sys.executable, "-m", "cors_proxy", "run", "-c", str(self._path))
        self._process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        listening: asyncio.Future[dict[str, list[str]]] = asyncio.get_running_loop().create_future()
        self._readers = asyncio.gather(self._read_log(), self._read_events(listening))
        async with asyncio.timeout(20):
            event = await listening
        self.admin = event["admin"][0]
        host, _, port = event["listen"][0].removeprefix("http://").rpartition(":")
        self.address = (host, int(port))
        async with aiohttp.ClientSession() as session, asyncio.timeout(20):
            while (await session.get(f"{self.admin}/readyz")).status != 200:
                await asyncio.sleep(0.1)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.terminate()
        async with asyncio.timeout(60):
            if await self._process.wait():
                self.errors.append(f"exit code {self._process.returncode}")
            await self._readers
        self._folder.cleanup()

    def reload(self) -> None:
        """With another policy than before, so that nothing can be skipped."""
        self.reloads += 1
        self._write()
        self._process.send_signal(signal.SIGHUP)

    def held(self) -> dict[int, Held]:
        """By process: the only one, or the supervisor and its workers."""
        own = self._process.pid
        pids = [own, *map(int, Path(f"/proc/{own}/task/{own}/children").read_text().split())]
        return {pid: _held(Path(f"/proc/{pid}")) for pid in pids}

    async def metric(self, name: str) -> float:
        async with aiohttp.ClientSession() as session, session.get(f"{self.admin}/metrics") as got:
            values = re.findall(rf"^cors_proxy_{name}(?:{{.*}})? (\S+)$", await got.text(), re.MULTILINE)
        assert values, name
        return sum(map(float, values))

    def _write(self) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_text(POLICY.format(port=self.upstream, workers=self.workers, number=self.reloads))
        fresh.rename(self._path)

    async def _read_log(self) -> None:
        assert self._process.stdout is not None
        async for _ in self._process.stdout:
            self.lines += 1

    async def _read_events(self, listening: asyncio.Future[dict[str, list[str]]]) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            try:
                event = json.loads(line)
            except ValueError:
                event = {"severity": "ERROR"}
            if event.get("event.name") == "listening" and not listening.done():
                listening.set_result(event)
            if event.get("severity") == "ERROR" and len(self.errors) < 100:
                self.errors.append(line.decode().strip())


def _held(process: Path) -> Held:
    resident = int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return Held(resident, len(os.listdir(process / "fd")), len(os.listdir(process / "task")))
