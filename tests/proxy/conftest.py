"""The real edge and the real upstream layer, in this process, on real sockets."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvloop

from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.edge import Edge
from cors_proxy.proxy.end import End
from cors_proxy.proxy.recorder import Exchange
from cors_proxy.proxy.request_head import HeadError
from cors_proxy.proxy.resolver import Resolver
from tests.wire import Client, Upstream


class Notes:
    """A recorder that keeps what it is told."""

    def __init__(self) -> None:
        self.ended: list[Exchange] = []
        self.in_flight = 0
        self.open = 0
        self.bad: list[HeadError] = []
        self.replaced: list[str] = []
        self.failures: list[BaseException] = []
        self.faults: list[tuple[str, str, str]] = []  # upstream, address, detail
        self.spans_dropped: list[str] = []
        self._change = asyncio.Event()

    def begin(self, exchange: Exchange) -> None:
        self.in_flight += 1

    def end(self, exchange: Exchange) -> None:
        self.in_flight -= 1
        self.ended.append(exchange)
        self._change.set()

    def malformed(self, peer: str, bad: HeadError) -> None:
        self.bad.append(bad)

    def replaced_forwarding(self, peer: str) -> None:
        self.replaced.append(peer)

    def span_dropped(self, reason: str, count: int = 1) -> None:
        self.spans_dropped.append(reason)

    def upstream_fault(self, upstream: str, address: str, detail: str) -> None:
        self.faults.append((upstream, address, detail))

    def connections(self, change: int) -> None:
        self.open += change
        self._change.set()

    def failure(self, error: BaseException) -> None:
        self.failures.append(error)

    async def until(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        """Waits until it holds; it is looked at when an exchange ends or a connection comes or goes."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._change.clear()
                await self._change.wait()


class Proxy:
    """A started edge with its upstream."""

    def __init__(self, edge: Edge, upstream: Upstream, notes: Notes, address: tuple[str, int]) -> None:
        self.edge, self.upstream, self.notes, self.address = edge, upstream, notes, address
        self._clients: list[Client] = []

    async def dial(self) -> Client:
        client = Client(*await asyncio.open_connection(*self.address, limit=1 << 22))
        self._clients.append(client)
        return client

    async def ask(self, raw: bytes, method: str = "GET"):  # type: ignore[no-untyped-def]
        """One answer on a connection of its own."""
        client = await self.dial()
        await client.send(raw)
        answer = await client.answer(method)
        client.close()
        return answer

    async def stop(self) -> None:
        for client in self._clients:
            client.close()
        await self.edge.close()
        await self.upstream.stop()
        assert not self.notes.failures, self.notes.failures
        assert self.notes.in_flight == 0


BASE = "version: 1\nlisten: 127.0.0.1:0\nadmin: off\n"
CORS = (
    "cors: {origins: ['https://app.example'], methods: [GET, HEAD, POST, PUT, DELETE], credentials: true}\n"
)
Start = Callable[..., Awaitable[Proxy]]


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the proxy runs on, and for tunnels the one that it runs on without uvloop.

    They differ in when a transport begins to read, and in how it ends."""
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"uvloop": uvloop.new_event_loop}
    if item.path.name == "test_tunnel.py":
        loops["asyncio"] = asyncio.new_event_loop
    return loops


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts an edge: `start(text)`, where `text` is added to a policy with a scripted upstream.  No
    connection may raise into the loop, not even where the client gets its response nevertheless."""
    running: list[Proxy] = []
    raised: list[object] = []

    def unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if isinstance(context.get("protocol"), End):
            raised.append(context["exception"])
        loop.default_exception_handler(context)

    asyncio.get_running_loop().set_exception_handler(unhandled)

    async def begin(
        text: str = "",
        *,
        cors: str = CORS,
        upstream: str | None = None,
        resolver: Resolver | None = None,
        decide: str = "",
    ) -> Proxy:
        """With `decide`, other keys of it, there is no `upstream`, and the address is that of asks."""
        behind = Upstream()
        await behind.start()
        policy = f"{BASE}upstream: {upstream or f'http://127.0.0.1:{behind.port}'}\n{cors}{text}"
        if decide:
            policy = f"version: 1\nadmin: off\ndecide: {{listen: 127.0.0.1:0, {decide}}}\n{cors}{text}"
        with tempfile.TemporaryDirectory() as folder:
            parsed, _ = parse_policy(policy, "policy.yaml", folder)
        notes = Notes()
        edge = Edge(parsed, notes, resolver)
        await edge.start()
        listener = edge.asks if decide else edge
        assert listener is not None
        proxy = Proxy(edge, behind, notes, listener._runner.addresses[0])
        running.append(proxy)
        return proxy

    yield begin
    for proxy in running:
        await proxy.stop()
    assert not raised, raised


def request(first: str = "GET /r", *lines: str, body: bytes = b"") -> bytes:
    """A request's bytes: Host is added, Content-Length where there is a body."""
    lines = ("Host: api.example", *lines, *([f"Content-Length: {len(body)}"] if body else []))
    return "\r\n".join([f"{first} HTTP/1.1", *lines, "", ""]).encode("latin-1") + body
