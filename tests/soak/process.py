"""The real `cors-proxy run`, with or without TLS, and its memory, descriptors and threads."""

import asyncio
import contextlib
import json
import os
import re
import signal
import ssl
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple, Self

import aiohttp

from tests.fuzz.secure import secure
from tests.soak.upstream import Api

POLICY = """
version: 1
listen: 127.0.0.1:0
admin: 127.0.0.1:0
upstream: http://127.0.0.1:{api.port}
cors:
  origins: ['https://app.example', 'https://spare-{number}.example']
  methods: [GET, HEAD, POST, PUT, DELETE]
  credentials: true
routes:
  - {{name: secure, path: /secure/**, upstream: 'https://127.0.0.1:{api.secure_port}'}}
  - {{name: slam, path: /slam/**, upstream: 'http://127.0.0.1:{api.slam_port}'}}
server:
  workers: {workers}
  timeouts:
    upstream_keep_alive: 2s
    keep_alive: 75s
    request_header: {head}s
    body_idle: {body}s
    write_idle: {write}s
  drain: {{timeout: 20s}}
  {upstream_tls}
  {edge_tls}
"""
HEAD, BODY, WRITE = 5, 5, 8  # seconds of the timeouts for what does not move


class Held(NamedTuple):
    """What one process holds; `resident` is in bytes."""

    resident: int
    descriptors: int
    threads: int


class Process:
    """A process; its address is known inside `async with`."""

    def __init__(self, api: Api, workers: int = 1, tls: bool = False) -> None:
        self.name = "TLS" if tls else "plain"
        self._api, self._workers, self._tls = api, workers, tls
        self.errors: Counter[str] = Counter()
        self.lines = 0
        self.reloads = 0

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name, "policy.yaml")
        self._write()
        command = (sys.executable, "-m", "cors_proxy", "run", "-c", str(self._path))
        self._process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        listening: asyncio.Future[dict[str, list[str]]] = asyncio.get_running_loop().create_future()
        self._readers = asyncio.gather(self._read_log(), self._read_events(listening))
        async with asyncio.timeout(20):
            event = await listening
        self.admin = event["admin"][0]
        host, _, port = event["listen"][0].rpartition("://")[2].rpartition(":")
        self.address = (host, int(port))
        self.pid = self._process.pid
        async with aiohttp.ClientSession() as session, asyncio.timeout(20):
            while (await session.get(f"{self.admin}/readyz")).status != 200:
                await asyncio.sleep(0.1)
        return self

    def terminate(self) -> None:
        if self._process.returncode is None:
            self._process.terminate()

    @property
    def context(self) -> ssl.SSLContext | None:
        """The TLS context of a client."""
        return secure().client if self._tls else None

    async def __aexit__(self, *_: object) -> None:
        self.terminate()
        async with asyncio.timeout(60):
            if await self._process.wait():
                self.errors[f"exit code {self._process.returncode}"] += 1
            await self._readers
        self._folder.cleanup()

    def reload(self) -> None:
        """Reloads with a changed policy, so that nothing can be skipped."""
        self.reloads += 1
        self._write()
        self._process.send_signal(signal.SIGHUP)

    def held(self) -> dict[int, Held]:
        """What each process holds: the only one, or the supervisor and its workers."""
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
        keys = secure()
        clocks = {"head": HEAD, "body": BODY, "write": WRITE}
        tls = {"upstream_tls": keys.upstream, "edge_tls": keys.edge if self._tls else ""}
        fresh.write_text(
            POLICY.format(api=self._api, workers=self._workers, number=self.reloads, **clocks, **tls)
        )
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
                event = {"severity": "ERROR", "line": line.decode(errors="replace").strip()}
            if event.get("event.name") == "listening" and not listening.done():
                listening.set_result(event)
            if event.pop("severity", "") == "ERROR" and len(self.errors) < 100:
                event.pop("timestamp", None)
                self.errors[json.dumps(event)] += 1


def described(pid: int) -> list[str]:
    """The descriptors of a process; TCP connections with their ports and state.

    States are those of the kernel: 1 is established, 10 is listening."""
    links = []
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            links.append(os.readlink(each))
    rows = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    tcp = {
        f"socket:[{row[9]}]": f"{int(row[1][-4:], 16)} to {int(row[2][-4:], 16)} state {int(row[3], 16)}"
        for row in rows
    }
    return sorted(tcp.get(link, link) for link in links)


def _held(process: Path) -> Held:
    resident = int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return Held(resident, len(os.listdir(process / "fd")), len(os.listdir(process / "task")))
