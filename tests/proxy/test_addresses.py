"""Several addresses of one upstream: balanced, left out when they fail, resolved again."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from functools import partial
from time import monotonic

import pytest

from cors_proxy.policy.model import Endpoint
from cors_proxy.policy.model import Upstream as Target
from cors_proxy.proxy.addresses import Addresses
from cors_proxy.proxy.resolver import Resolver
from tests.wire import Client, Link, Replicas, Seen, Upstream, at_one_port, echo_target

from .conftest import Proxy, Start, request


@pytest.fixture
async def replicas() -> AsyncIterator[Replicas]:
    async with at_one_port() as begin:
        yield begin


class Names:
    """A resolver's answers, which a test changes."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.fault: OSError | None = None
        self.asked = 0

    async def __call__(self, name: str) -> list[str]:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return list(self.addresses)


def resolver(names: Names, period: float = 3600.0, pause: float = 0.0) -> Resolver:
    return Resolver(names, period, pause)


async def load(proxy: Proxy, count: int, clients: int, method: str = "GET") -> Counter[int]:
    """So many requests over each of so many connections; the responses by status."""
    found: Counter[int] = Counter()

    async def one(client: Client) -> None:
        for n in range(count):
            await client.send(request(f"{method} /{n}"))
            answer = await client.answer(method)
            found[answer.status] += 1
            if not answer.complete or answer.all("connection") == ["close"]:
                client = await proxy.dial()

    await asyncio.gather(*[one(await proxy.dial()) for _ in range(clients)])
    return found


def shares(behind: list[Upstream]) -> list[float]:
    counts = [len(each.requests) for each in behind]
    for each in behind:
        each.requests.clear()
    return [count / sum(counts) for count in counts]


# balance


async def test_requests_are_spread_over_the_addresses_of_a_name(start: Start, replicas: Replicas) -> None:
    behind = await replicas(3)
    names = Names("127.0.0.11", "127.0.0.12", "127.0.0.13")
    proxy = await start(upstream=f"http://api:{behind[0].port}", resolver=resolver(names))
    assert await load(proxy, 30, 64) == {200: 1920}
    assert all(0.3 < share < 0.367 for share in shares(behind))


async def test_requests_are_spread_over_a_list(start: Start, replicas: Replicas) -> None:
    behind = await replicas(2)
    urls = ", ".join(f"http://127.0.0.{number}:{behind[0].port}/v1" for number in (11, 12))
    proxy = await start("upstream_host: upstream\n", upstream=f"[{urls}]")
    assert await load(proxy, 10, 32) == {200: 320}
    for number, replica in enumerate(behind):
        hosts = {seen.all("host")[0] for seen in replica.requests}
        assert hosts == {f"127.0.0.{11 + number}:{behind[0].port}"}
        assert {seen.target.split("/")[1] for seen in replica.requests} == {"v1"}
    assert all(0.4 < share < 0.6 for share in shares(behind))


async def test_the_own_origin_names_the_entry_that_is_used(start: Start, replicas: Replicas) -> None:
    behind = await replicas(2)
    urls = ", ".join(f"http://127.0.0.{number}:{behind[0].port}" for number in (11, 12))
    proxy = await start("upstream_host: upstream\nupstream_origin: own\n", upstream=f"[{urls}]")
    for _ in range(20):
        assert (await proxy.ask(request("GET /", "Origin: https://app.example"))).status == 200
    for number, replica in enumerate(behind):
        host = f"127.0.0.{11 + number}:{behind[0].port}"
        assert {(*seen.all("host"), *seen.all("origin")) for seen in replica.requests} == {
            (host, f"http://{host}")
        }


async def test_the_busier_address_gets_fewer(start: Start, replicas: Replicas) -> None:
    behind = await replicas(2)
    urls = ", ".join(f"http://127.0.0.{number}:{behind[0].port}" for number in (11, 12))
    proxy = await start(upstream=f"[{urls}]")
    gate = asyncio.Event()

    async def hold(link: Link, seen: Seen) -> None:
        await gate.wait()
        await echo_target(link, seen)

    for replica in behind:
        replica.script = hold
    clients = [await proxy.dial() for _ in range(16)]
    for count, client in enumerate(clients, 1):
        await client.send(request())
        await until(partial(lambda wanted: sum(len(each.requests) for each in behind) == wanted, count))
        first, second = (len(each.requests) for each in behind)
        assert abs(first - second) <= 1
    gate.set()
    for client in clients:
        assert (await client.answer()).status == 200


# failures


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_another_address_takes_what_was_not_sent(start: Start, replicas: Replicas, method: str) -> None:
    (replica,) = await replicas(1)
    names = Names("127.0.0.11", "127.0.0.200")
    proxy = await start(upstream=f"http://api:{replica.port}", resolver=resolver(names))
    assert await load(proxy, 4, 8, method) == {200: 32}
    (fault,) = proxy.notes.faults
    assert fault == (
        f"http://api:{replica.port}",
        f"127.0.0.200:{replica.port}",
        f"127.0.0.200:{replica.port}: Connection refused",
    )
    down = [address for address in proxy.edge.context.pools[0].addresses.all if not address.up]
    assert [address.host for address in down] == ["127.0.0.200"] and down[0].failures < 32


async def test_one_that_is_killed_costs_no_safe_request(start: Start, replicas: Replicas) -> None:
    behind = await replicas(3)
    names = Names("127.0.0.11", "127.0.0.12", "127.0.0.13")
    proxy = await start(upstream=f"http://api:{behind[0].port}", resolver=resolver(names))
    work = asyncio.create_task(load(proxy, 40, 32))
    await behind[1].request(100)
    await behind[1].die()
    assert await work == {200: 1280}
    assert all(len(each.requests) > 300 for each in (behind[0], behind[2]))


@pytest.mark.parametrize(("method", "statuses"), [("GET", {200}), ("POST", {200, 502})])
async def test_what_was_sent_goes_elsewhere_only_if_it_is_safe(
    start: Start, replicas: Replicas, method: str, statuses: set[int]
) -> None:
    behind = await replicas(2)
    urls = ", ".join(f"http://127.0.0.{number}:{behind[0].port}" for number in (11, 12))
    proxy = await start(upstream=f"[{urls}]")

    async def drop(link: Link, seen: Seen) -> None:
        link.writer.close()

    behind[0].script = drop
    found = {(await proxy.ask(request(f"{method} /{n}"), method)).status for n in range(20)}
    assert found == statuses
    targets = Counter(seen.target for replica in behind for seen in replica.requests)
    assert len(targets) == 20
    assert (max(targets.values()) == 1) is (method == "POST")
    assert all(n in (1, 2) for n in targets.values())


async def test_if_all_are_out_all_are_tried(start: Start, replicas: Replicas) -> None:
    names = Names("127.0.0.11", "127.0.0.12")
    closed = Upstream()
    await closed.start("127.0.0.11")
    await closed.stop()
    proxy = await start(upstream=f"http://api:{closed.port}", resolver=resolver(names))
    for _ in range(3):
        assert (await proxy.ask(request())).status == 502
        detail = proxy.notes.ended[-1].detail
        assert sorted(detail.split("; ")) == [
            f"127.0.0.{number}:{closed.port}: Connection refused" for number in (11, 12)
        ], "each is tried once"
    back = Upstream()
    await back.start("127.0.0.12", closed.port)
    assert (await proxy.ask(request("POST /back"))).status == 200, "it did not wait for a pause to end"
    await back.stop()


async def test_addresses_that_do_not_answer_share_the_time(start: Start, replicas: Replicas) -> None:
    """Their backlogs are full: the kernel drops what would connect."""
    import socket

    (replica,) = await replicas(1)
    full = socket.socket()
    full.bind(("127.0.0.200", replica.port))
    full.listen(0)
    fillers = [socket.socket() for _ in range(3)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex(("127.0.0.200", replica.port))
    names = Names("127.0.0.11", "127.0.0.200")
    proxy = await start(
        "server: {timeouts: {connect: 1s}}\n", upstream=f"http://api:{replica.port}", resolver=resolver(names)
    )
    began = monotonic()
    assert await load(proxy, 2, 8) == {200: 16}
    assert monotonic() - began < 4
    assert proxy.notes.faults[0][2] == f"127.0.0.200:{replica.port}: no connection within 0.5 s"
    names.addresses = ["127.0.0.200"]
    pool = proxy.edge.context.pools[0]
    await pool._look_up()
    assert (await proxy.ask(request())).status == 504
    assert "no connection within" in proxy.notes.ended[-1].detail
    for one in [full, *fillers]:
        one.close()


async def test_a_single_address_is_never_out(start: Start, replicas: Replicas) -> None:
    (replica,) = await replicas(1)
    port = replica.port
    await replica.die()
    proxy = await start(upstream=f"http://127.0.0.11:{port}")
    for _ in range(5):
        assert (await proxy.ask(request())).status == 502
    back = Upstream()
    await back.start("127.0.0.11", port)
    assert (await proxy.ask(request())).status == 200
    await back.stop()


# names


async def test_new_addresses_get_their_share_and_gone_ones_nothing(start: Start, replicas: Replicas) -> None:
    behind = await replicas(3)
    names = Names("127.0.0.11")
    proxy = await start(upstream=f"http://api:{behind[0].port}", resolver=resolver(names, period=0.2))
    stream = await proxy.dial()
    release = asyncio.Event()

    async def slow(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na")
        await release.wait()
        await link.send(b"b")

    behind[0].script = slow
    await stream.send(request())
    assert await stream.reader.readuntil(b"\r\n\r\n")
    behind[0].script = echo_target
    assert await load(proxy, 1, 4) == {200: 4}

    names.addresses = ["127.0.0.13", "127.0.0.11", "127.0.0.12"]
    pool = proxy.edge.context.pools[0]
    await until(lambda: len(pool.addresses.all) == 3)
    shares(behind)
    assert await load(proxy, 30, 32) == {200: 960}
    # The first has less: the stream there is one request in flight more.
    assert all(0.25 < share < 0.4 for share in shares(behind))

    names.addresses = ["127.0.0.12", "127.0.0.13"]
    await until(lambda: len(pool.addresses.all) == 2)
    assert await load(proxy, 10, 16) == {200: 160}
    assert not behind[0].requests, "a gone address gets no request"
    release.set()
    assert await stream.reader.readexactly(2) == b"ab", "what is under way on it ends by itself"
    for link in behind[0].links:
        await link.ended()


async def test_new_addresses_get_their_share_while_requests_wait_for_places(
    start: Start, replicas: Replicas
) -> None:
    """Each connection goes from one request to the next that waits: none is ever idle."""
    behind = await replicas(3)
    names = Names("127.0.0.11")
    proxy = await start(
        "server: {limits: {upstream_connections: 12}}\n",
        upstream=f"http://api:{behind[0].port}",
        resolver=resolver(names),
    )
    work = asyncio.create_task(load(proxy, 60, 64))
    await behind[0].request(300)
    names.addresses = ["127.0.0.11", "127.0.0.12", "127.0.0.13"]
    await proxy.edge.context.pools[0]._look_up()
    shares(behind)
    assert await work == {200: 3840}
    assert all(0.3 < share < 0.367 for share in shares(behind))
    assert sum(len(each.links) for each in behind) < 40, "connections move only until the load is even"


async def test_a_tunnel_at_a_gone_address_is_left_to_end(start: Start, replicas: Replicas) -> None:
    behind = await replicas(2)
    names = Names("127.0.0.11")
    proxy = await start(upstream=f"http://api:{behind[0].port}", resolver=resolver(names))

    async def switch(link: Link, seen: Seen) -> None:
        await link.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        )
        await link.send(await link.reader.readexactly(4))
        await link.ended()

    behind[0].script = switch
    client = await proxy.dial()
    await client.send(
        request(
            "GET /",
            "Origin: https://app.example",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        )
    )
    assert (await client.answer()).status == 101
    names.addresses = ["127.0.0.12"]
    await proxy.edge.context.pools[0]._look_up()
    assert (await proxy.ask(request())).status == 200 and len(behind[1].requests) == 1
    await client.send(b"ping")
    assert await client.reader.readexactly(4) == b"ping"
    client.close()


async def test_a_moved_name_is_found_within_the_request(start: Start, replicas: Replicas) -> None:
    behind = await replicas(2)
    names = Names("127.0.0.11")
    proxy = await start(upstream=f"http://api:{behind[0].port}", resolver=resolver(names, pause=0.1))
    assert (await proxy.ask(request("POST /a"))).status == 200
    before = names.asked
    names.addresses = ["127.0.0.12"]
    await behind[0].die()
    assert await load(proxy, 2, 32, "POST") == {200: 64}
    assert len(behind[1].requests) == 64
    assert names.asked - before <= 3, "one look-up at a time, and not one for each request"


async def test_the_last_known_addresses_stay(start: Start, replicas: Replicas) -> None:
    (replica,) = await replicas(1)
    names = Names("127.0.0.11")
    proxy = await start(upstream=f"http://api:{replica.port}", resolver=resolver(names, period=0.05))
    assert (await proxy.ask(request())).status == 200
    names.fault, asked = OSError(-3, "Temporary failure in name resolution"), names.asked
    await until(lambda: names.asked > asked + 1)
    assert (await proxy.ask(request())).status == 200
    assert [fault[2] for fault in proxy.notes.faults] == [
        "cannot resolve api: Temporary failure in name resolution; its last known addresses stay"
    ]


async def test_a_name_without_an_address_is_502_and_recovers(start: Start, replicas: Replicas) -> None:
    (replica,) = await replicas(1)
    names = Names()
    names.fault = OSError(-2, "Name or service not known")
    proxy = await start(upstream=f"http://api:{replica.port}", resolver=resolver(names))
    assert (await proxy.ask(request())).status == 502
    assert proxy.notes.ended[-1].detail == "cannot resolve api: Name or service not known"
    names.fault, names.addresses = None, ["127.0.0.11"]
    assert (await proxy.ask(request())).status == 200


async def test_a_look_up_that_hangs_is_504_and_the_proxy_ends(start: Start) -> None:
    async def ask(name: str) -> list[str]:
        await asyncio.Event().wait()
        return []

    proxy = await start("server: {timeouts: {connect: 1s}}\n", upstream="http://api", resolver=Resolver(ask))
    assert (await proxy.ask(request())).status == 504
    assert proxy.notes.ended[-1].detail == "the names were not resolved in time"


async def until(condition: Callable[[], bool]) -> None:
    """Looks at each turn of the loop: nothing tells when a look-up in the background is over."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


# the set of addresses alone


def endpoints(*hosts: str) -> Target:
    return Target(tuple(Endpoint(host, 80, authority=host.encode()) for host in hosts))


async def test_an_address_that_two_entries_have_is_one() -> None:
    names = Names("127.0.0.2", "127.0.0.3")
    addresses = Addresses(endpoints("api", "127.0.0.3"), resolver(names))
    assert [each.name for each in addresses.all] == ["127.0.0.3:80"] and addresses.only is addresses.all[0]
    kept = addresses.only
    assert await addresses.look_up() == ([], "")
    assert [each.name for each in addresses.all] == ["127.0.0.2:80", "127.0.0.3:80"]
    assert kept in addresses.all and addresses.only is None
    names.addresses = ["127.0.0.4"]
    gone, _ = await addresses.look_up()
    assert [each.host for each in gone] == ["127.0.0.2"] and gone[0].gone


def test_an_address_that_is_out_is_not_chosen_while_another_is_in() -> None:
    addresses = Addresses(endpoints("127.0.0.2", "127.0.0.3", "127.0.0.4"), Resolver())
    first, second, third = addresses.all
    for address in (first, third):
        address.begin(100.0)
        address.failed(100.0, 100.0)
    assert all(addresses.choose(100.5, None) is second for _ in range(50))
    assert addresses.choose(100.5, [second]) in (first, third)
    assert {addresses.choose(101.5, None) for _ in range(200)} == {first, second, third}
    assert addresses.choose(100.5, [first, second, third]) is None


@pytest.mark.parametrize(
    ("host", "moves"), [("api", True), ("localhost", False), ("127.0.0.1", False), ("::1", False)]
)
async def test_which_names_are_resolved_again(host: str, moves: bool) -> None:
    addresses = Addresses(endpoints(host), resolver(Names("127.0.0.1")))
    await addresses.look_up()
    assert addresses.may_move is moves
