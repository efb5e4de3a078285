"""Replicas behind one name: the real process, a DNS server, and 64 connections.

The replicas are at 127.0.0.11, 127.0.0.12, … on one port, as the containers of one service are."""

import asyncio
import os
import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest

from tests.wire import Client, Link, Replicas, Seen, Upstream, at_one_port, echo_target

from .conftest import PATIENCE, Running, Start
from .names import Names, NameServer

CONNECTIONS = 64
CONNECT = 10.0  # seconds: `timeouts.connect` of these tests, in which no request may wait for it
# Where Python finds `sitecustomize`, which has the proxy ask the DNS server of the test.
PATH = os.pathsep.join([str(Path(__file__).parent / "resolver"), os.environ.get("PYTHONPATH", "")])
WORKERS = pytest.mark.parametrize("workers", [1, 2])


@pytest.fixture
def server() -> Iterator[NameServer]:
    running = NameServer()
    yield running
    running.close()


@pytest.fixture
def names(server: NameServer) -> Names:
    return server.names


async def works(link: Link, seen: Seen) -> None:
    """A response that takes a while, so that there are requests in flight."""
    await asyncio.sleep(0.005)
    if seen.first.startswith("HEAD "):
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")
    else:
        await echo_target(link, seen)


@pytest.fixture
async def replicas() -> AsyncIterator[Replicas]:
    async with at_one_port(works) as begin:
        yield begin


Serve = Callable[..., Awaitable[Running]]


@pytest.fixture
def serve(start: Start, server: NameServer) -> Serve:
    """The proxy with so many workers, in front of `api:PORT`, which the test's server resolves."""

    async def begin(workers: int, port: int, connect: float = CONNECT) -> Running:
        return await start(
            f"server: {{workers: {workers}, timeouts: {{connect: {connect:g}s}}}}\n",
            to=f"http://api:{port}",
            environment={"TEST_DNS": server.address, "PYTHONPATH": PATH},
        )

    return begin


class Load:
    """Clients that ask as fast as they are answered, each over a connection of its own."""

    def __init__(self, proxy: Running, method: str = "GET", clients: int = CONNECTIONS) -> None:
        self._address = urlsplit(proxy.url)
        self._request = f"{method} / HTTP/1.1\r\nHost: api\r\nContent-Length: 0\r\n\r\n".encode()
        self.method, self.clients = method, clients
        self.found: Counter[int] = Counter()  # responses by status
        self.longest = 0.0  # seconds

    async def run(self, until: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*[self._ask(until) for _ in range(self.clients)])

    async def requests(self, count: int) -> None:
        done = self.found.total() + count
        await self.run(lambda: self.found.total() >= done)

    async def _ask(self, until: Callable[[], bool]) -> None:
        client: Client | None = None
        while not until():
            if client is None:
                client = Client(*await asyncio.open_connection(self._address.hostname, self._address.port))
            began = monotonic()
            await client.send(self._request)
            answer = await client.answer(self.method, PATIENCE)
            self.longest = max(self.longest, monotonic() - began)
            self.found[answer.status] += 1
            if not answer.complete or answer.all("connection") == ["close"]:
                client.close()
                client = None
        if client is not None:
            client.close()


def shares(behind: list[Upstream]) -> list[int]:
    """The requests of each since this was asked last."""
    counts = [len(each.requests) for each in behind]
    for each in behind:
        each.requests.clear()
    return counts


def balanced(counts: list[int]) -> bool:
    return min(counts) > 0 and max(counts) / min(counts) < 1.1


@WORKERS
async def test_each_has_its_share(serve: Serve, names: Names, replicas: Replicas, workers: int) -> None:
    behind = await replicas(3)
    names.addresses["api"] = ["127.0.0.11", "127.0.0.12", "127.0.0.13"]
    load = Load(await serve(workers, behind[0].port))
    await load.requests(3000)
    assert set(load.found) == {200}
    counts = shares(behind)
    assert balanced(counts), counts


@WORKERS
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_one_that_is_killed(
    serve: Serve, names: Names, replicas: Replicas, workers: int, method: str
) -> None:
    behind = await replicas(3)
    names.addresses["api"] = ["127.0.0.11", "127.0.0.12", "127.0.0.13"]
    load = Load(await serve(workers, behind[0].port), method)
    work = asyncio.create_task(load.requests(3000))
    await behind[1].request(300)
    # What it was working on: the client cannot know whether a POST was carried out.
    lost = CONNECTIONS
    await behind[1].die()
    await work
    assert load.longest < CONNECT
    if method == "POST":
        assert set(load.found) <= {200, 502} and load.found[502] <= lost
    else:
        assert set(load.found) == {200}
    counts = shares(behind)
    assert balanced([counts[0], counts[2]]), counts


@WORKERS
async def test_one_whose_host_is_gone(serve: Serve, names: Names, replicas: Replicas, workers: int) -> None:
    """Nothing refuses a connection there: the kernel drops what would connect.

    So a request waits, but once: then it goes to another."""
    connect = 2.0
    behind = await replicas(2)
    names.addresses["api"] = ["127.0.0.11", "127.0.0.12", "127.0.0.200"]
    with socket.socket() as full, socket.socket() as one, socket.socket() as other:
        full.bind(("127.0.0.200", behind[0].port))
        full.listen(0)
        for filler in (one, other):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        load = Load(await serve(workers, behind[0].port, connect), "POST")
        await load.requests(3000)
    assert set(load.found) == {200}
    assert load.longest < 2 * connect
    counts = shares(behind)
    assert balanced(counts), counts


@WORKERS
async def test_scaled_from_one_to_three(serve: Serve, names: Names, replicas: Replicas, workers: int) -> None:
    behind = await replicas(3)
    names.addresses["api"] = ["127.0.0.11"]
    load = Load(await serve(workers, behind[0].port), "POST")
    await load.requests(200)
    assert shares(behind)[1:] == [0, 0]
    names.addresses["api"] = ["127.0.0.13", "127.0.0.11", "127.0.0.12"]
    changed = monotonic()
    counts = [0]
    while not balanced(counts):
        began = monotonic()
        await load.requests(1000)
        counts = shares(behind)
        assert began < changed + 12, counts
    assert set(load.found) == {200}


@WORKERS
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_name_that_moves(
    serve: Serve, names: Names, replicas: Replicas, workers: int, method: str
) -> None:
    behind = await replicas(2)
    names.addresses["api"] = ["127.0.0.11"]
    load = Load(await serve(workers, behind[0].port), method)
    await load.requests(500)
    shares(behind)
    names.addresses["api"] = ["127.0.0.12"]
    await behind[0].die()
    asked = names.asked
    await load.requests(1000)
    assert set(load.found) == {200}
    assert shares(behind)[0] == 0
    assert load.longest < CONNECT
    assert names.asked - asked <= 3 * workers, "not one for each request"


async def test_no_address_at_the_start(serve: Serve, names: Names, replicas: Replicas) -> None:
    behind = await replicas(1)
    proxy = await serve(1, behind[0].port)
    assert (await proxy.ask())[0] == 502
    await proxy.until(
        lambda: any("cannot resolve api: Name or service not known" in line for line in proxy.access)
    )
    names.addresses["api"] = ["127.0.0.11"]
    assert (await proxy.ask())[0] == 200


async def test_the_resolver_fails(serve: Serve, names: Names, replicas: Replicas) -> None:
    behind = await replicas(2)
    names.addresses["api"] = ["127.0.0.11", "127.0.0.12"]
    load = Load(await serve(1, behind[0].port))
    await load.requests(100)
    names.fails = True
    asked = names.asked
    await behind[0].die()
    await load.run(lambda: names.asked > asked)
    await load.requests(300)
    assert set(load.found) == {200}


# the system's own resolver


def _mounts() -> bool:
    """Whether this process may mount files in a namespace of its own, and serve DNS on port 53."""
    unshare = shutil.which("unshare")
    return (
        unshare is not None
        and os.geteuid() == 0
        and subprocess.run([unshare, "-m", "true"], capture_output=True).returncode == 0
    )


@pytest.mark.skipif(not _mounts(), reason="needs root and mount namespaces")
async def test_the_system_resolver(start: Start, replicas: Replicas, tmp_path: Path) -> None:
    server = NameServer("127.0.0.153", 53)
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.153\n")
    (tmp_path / "nsswitch.conf").write_text("hosts: files dns\n")
    behind = await replicas(3)
    try:
        server.names.addresses["api"] = ["127.0.0.11", "127.0.0.12", "127.0.0.13"]
        mounts = " && ".join(
            f"mount --bind {tmp_path / name} /etc/{name}" for name in ("resolv.conf", "nsswitch.conf")
        )
        proxy = await start(
            "server: {workers: 2}\n",
            to=f"http://api:{behind[0].port}",
            prefix=("unshare", "-m", "sh", "-c", f'{mounts} && exec "$@"', "sh"),
        )
        load = Load(proxy)
        await load.requests(3000)
        assert set(load.found) == {200}
        counts = shares(behind)
        assert balanced(counts), counts
        server.names.addresses["api"] = ["127.0.0.13"]
        for replica in behind[:2]:
            await replica.die()
        await load.requests(1000)
        assert set(load.found) == {200}
    finally:
        server.close()
