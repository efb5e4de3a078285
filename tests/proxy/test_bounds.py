"""Limits and timeouts of a route: each acts on its own route, and nowhere else."""

import asyncio

from cors_proxy.cors.reason import Reason
from cors_proxy.policy.model import Timeouts
from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.bounds import bounds_by_route
from tests.policy.reading import read
from tests.wire import Link, Seen, echo_target

from .conftest import Start, request


async def silent(link: Link, seen: Seen) -> None:
    if seen.target.startswith("/patient"):
        await asyncio.sleep(2)
        await echo_target(link, seen)
    else:
        await link.ended()


def route(keys: str) -> str:
    return f"routes: [{{path: /short/**, {keys}}}]\n"


def test_routes_share_what_they_do_not_set() -> None:
    policy = read("routes: [{path: /a}, {path: /b, timeouts: {response: 1s}}, {path: /c}]\n")
    a, b, c, default = bounds_by_route(policy)
    assert a is c is default and b is not a
    assert (b.response, b.connect, b.shortest()) == (1.0, Timeouts().connect, 1.0)


async def test_response(start: Start) -> None:
    proxy = await start(route("timeouts: {response: 1s}"))
    proxy.upstream.script = silent
    short, patient = await asyncio.gather(
        proxy.ask(request("GET /short/a")), proxy.ask(request("GET /patient"))
    )
    assert (short.status, patient.status) == (504, 200)


async def test_response_idle(start: Start) -> None:
    proxy = await start("server: {timeouts: {response_idle: 1s}}\n" + route("timeouts: {response_idle: 0}"))

    async def pause(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na")
        await asyncio.sleep(2)
        await link.send(b"b")

    proxy.upstream.script = pause
    free, cut = await asyncio.gather(proxy.ask(request("GET /short/a")), proxy.ask(request("GET /r")))
    assert (free.complete, cut.complete) == (True, False)


async def test_body_idle(start: Start) -> None:
    proxy = await start(route("timeouts: {body_idle: 1s}"))
    proxy.upstream.read_body = False
    proxy.upstream.script = silent
    short, other = await proxy.dial(), await proxy.dial()
    await short.send(request("POST /short/a", "Content-Length: 9") + b"x")
    await other.send(request("POST /r", "Content-Length: 9") + b"x")
    assert (await short.answer("POST")).status == 408
    assert [exchange.fault for exchange in proxy.notes.ended] == [Reason.REQUEST_TIMEOUT]


async def test_connect_is_the_wait_for_a_place_too(start: Start) -> None:
    proxy = await start("server: {limits: {upstream_connections: 1}}\n" + route("timeouts: {connect: 1s}"))
    proxy.upstream.script = silent
    holder, short, other = [await proxy.dial() for _ in range(3)]
    await holder.send(request("GET /patient"))
    await proxy.upstream.request()
    await short.send(request("GET /short/a"))
    await other.send(request("GET /patient/2"))
    assert (await short.answer()).status == 503
    assert (await holder.answer()).status == 200
    assert (await other.answer()).status == 200


async def test_body_bytes(start: Start) -> None:
    proxy = await start("server: {limits: {body_bytes: 10}}\n" + route("limits: {body_bytes: 1KiB}"))
    assert (await proxy.ask(request("POST /short/a", body=b"x" * 1024))).status == 200
    assert (await proxy.ask(request("POST /short/a", body=b"x" * 1025))).status == 413
    assert (await proxy.ask(request("POST /r", body=b"x" * 11))).status == 413
    chunked = b"401\r\n" + b"x" * 1025 + b"\r\n0\r\n\r\n"
    assert (await proxy.ask(request("POST /short/a", "Transfer-Encoding: chunked") + chunked)).status == 413


async def test_minimum_rate(start: Start) -> None:
    proxy = await start(
        "server: {limits: {minimum_rate: 0}, timeouts: {body_idle: 1s}}\n"
        + route("limits: {minimum_rate: 1KiB}")
    )
    proxy.upstream.read_body = False
    proxy.upstream.script = silent
    short, other = await proxy.dial(), await proxy.dial()
    for client, target in ((short, "/short/a"), (other, "/r")):
        await client.send(request(f"POST {target}", "Content-Length: 1000000"))
    answer = asyncio.create_task(short.answer("POST"))
    while not answer.done():
        for client in (short, other):
            await client.send(b"x")
        await asyncio.sleep(0.1)  # 10 bytes a second
    assert (await answer).status == 408
    assert [exchange.fault for exchange in proxy.notes.ended] == [Reason.BODY_TOO_SLOW]


async def test_write_idle_is_that_of_the_route_that_is_not_read(start: Start) -> None:
    proxy = await start(route("timeouts: {write_idle: 1s}"))

    async def much(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 33554432\r\n\r\n" + b"x" * (32 << 20))

    proxy.upstream.script = much
    short, other = await proxy.dial(), await proxy.dial()
    for client, target in ((short, "/short/a"), (other, "/r")):
        client.transport.pause_reading()
        await client.send(request(f"GET {target}"))
    await proxy.notes.until(lambda: bool(proxy.notes.ended))
    assert [(exchange.target, exchange.fault) for exchange in proxy.notes.ended] == [
        (b"/short/a", Reason.CLIENT_STALLED)
    ]
    other.close()


async def test_tunnel_idle(start: Start) -> None:
    proxy = await start(route("timeouts: {tunnel_idle: 1s}"))

    async def switch(link: Link, seen: Seen) -> None:
        await link.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        )
        await link.ended()

    proxy.upstream.script = switch
    lines = (
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    short, other = await proxy.dial(), await proxy.dial()
    for client, target in ((short, "/short/a"), (other, "/r")):
        await client.send(request(f"GET {target}", "Origin: https://app.example", *lines))
        assert (await client.answer()).status == 101
    assert await short.end() == "FIN"
    assert proxy.notes.in_flight == 1
    other.close()


async def test_a_reload_changes_them(start: Start) -> None:
    proxy = await start(route("limits: {body_bytes: 1}"))
    assert (await proxy.ask(request("POST /short/a", body=b"xx"))).status == 413
    text = f"version: 1\nlisten: 127.0.0.1:0\nadmin: off\nupstream: http://127.0.0.1:{proxy.upstream.port}\n"
    proxy.edge.swap(parse_policy(text + route("limits: {body_bytes: 2}"), "policy.yaml", "")[0])
    assert (await proxy.ask(request("POST /short/a", body=b"xx"))).status == 200
