"""An engine in front of a scripted API, and the decision listener beside it; the corpus through them."""

import asyncio
import contextlib
import json
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Protocol

from cors_proxy.engines.glue import files
from cors_proxy.policy.model import Address, Policy
from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.edge import Edge
from tests.casebook import Case, Line, of_interest
from tests.casebook import Policy as Block
from tests.proxy.conftest import Notes
from tests.wire import Client, Head, Link, Upstream

PATIENCE = 20.0


class Setup(Protocol):
    def __call__(
        self, policy: Policy, listen: str, folder: Path, deciders: Sequence[Address] = ()
    ) -> list[str]:
        """The engine's files in the folder, and its command."""


def write(engine: str, policy: Policy, listen: str, folder: Path, deciders: Sequence[Address]) -> None:
    """What `glue` writes."""
    assert policy.decide is not None
    upstream = policy.forwarding[-1].upstream
    for name, text in files(engine, policy, policy.decide, upstream, listen, deciders).items():
        Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
        Path(folder, name).write_text(text)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextlib.asynccontextmanager
async def engine(setup: Setup, policy: Policy, deciders: Sequence[Address] = ()) -> AsyncIterator[int]:
    """Its port, once it takes connections."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = setup(policy, f"127.0.0.1:{port}", Path(folder), deciders)
        log = Path(folder, "log")
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=out, stderr=out)
        try:
            async with asyncio.timeout(PATIENCE):
                ready = routes if Path(command[0]).name == "traefik" else reachable
                while not await ready(port):
                    assert process.returncode is None, log.read_text()
                    await asyncio.sleep(0.01)
            yield port
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def reachable(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return False
    writer.close()
    return True


async def routes(port: int) -> bool:
    """Traefik listens before it has read its routes; until then it answers 404."""
    if not await reachable(port):
        return False
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    # Every policy refuses it, also one that only reports.
    await client.send(b"TRACE / HTTP/1.1\r\nHost: api.example\r\n\r\n")
    response = await client.answer("GET")
    client.close()
    return response.status != 404


class Decider:
    """The decision listener, in this process."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self.port = free_port()
        self.edge: Edge | None = None

    def policy(self, block: Block, upstream: int) -> Policy:
        text = (
            f"{block.text}upstream: http://127.0.0.1:{upstream}\nlisten: 127.0.0.1:0\n"
            f"decide: {{listen: 127.0.0.1:{self.port}, {self._dialect}}}\n"
        )
        return parse_policy(text, block.name, "")[0]

    async def serve(self, policy: Policy) -> None:
        if self.edge is None:
            self.edge = Edge(policy, Notes())
            await self.edge.start()
        self.edge.swap(policy)

    async def stop(self) -> None:
        if self.edge is not None:
            await self.edge.close()


async def faults(case: Case, port: int, upstream: Upstream) -> list[str]:
    """All differences between an exchange and what the case expects.  The order and the case of names
    in a list mean nothing, nor whether it is one line or several."""
    upstream.requests.clear()
    upstream.script = lambda link, seen: answer(case, link)
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    body = b"Content-Length: 0\r\n" if case.method not in (b"GET", b"HEAD", b"OPTIONS") else b""
    lines = b"".join(b"%b: %b\r\n" % line for line in case.lines)
    await client.send(b"%b %b HTTP/1.1\r\n%b%b\r\n" % (case.method, case.target, lines, body))
    response = await client.answer(case.method.decode())
    client.close()
    found = []
    if response.status != case.status:
        found.append(f"status {response.status}, not {case.status}")
    got = essential([(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.lines])
    if got != essential(list(case.expected)):
        found.append(f"lines {sorted(got)}, not {sorted(essential(list(case.expected)))}")
    hits = [seen.target.encode("latin-1") for seen in upstream.requests]
    if hits != ([case.upstream_target] if case.verb == "forward" else []):
        found.append(f"the upstream saw {hits}")
    if case.verb == "refuse" and reason(response) != case.reason:
        found.append(f"reason {reason(response)}, not {case.reason}")
    return found


def essential(lines: list[Line]) -> set[Line]:
    """The lines of interest; lists of names as their members."""
    found: set[Line] = set()
    for name, value in of_interest(lines):
        if name == b"vary" and b"*" in [member.strip(b" \t") for member in value.split(b",")]:
            return found | {(name, b"*")} | essential([line for line in lines if line[0].lower() != name])
        if name in (b"vary", b"access-control-expose-headers"):
            found |= {(name, member.strip(b" \t").lower()) for member in value.split(b",")}
        else:
            found.add((name, value))
    return found


def reason(response: Head) -> str:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return str(json.loads(response.body)["reason"])
    return "".join(response.all("cors-proxy-reason")[:1])


async def answer(case: Case, link: Link) -> None:
    lines = b"".join(b"%b: %b\r\n" % line for line in case.upstream_lines)
    length = b"" if case.upstream_status in (101, 204) else b"Content-Length: 0\r\n"
    await link.send(b"HTTP/1.1 %d OK\r\n%b%b\r\n" % (case.upstream_status, lines, length))
    if case.upstream_status == 101:
        await link.ended()
