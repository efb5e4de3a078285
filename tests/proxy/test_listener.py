"""Places for connections."""

from .conftest import Start, request


async def test_connections_beyond_the_limit_wait_for_a_place(start: Start) -> None:
    proxy = await start("server: {limits: {connections: 2}, timeouts: {connect: 5s}}\n")
    first, second = await proxy.dial(), await proxy.dial()
    for client in (first, second):
        await client.send(request("GET /in"))
        assert (await client.answer()).status == 200
    third = await proxy.dial()
    await third.send(request("GET /third"))
    await proxy.notes.until(lambda: proxy.notes.open == 3)
    assert [seen.target for seen in proxy.upstream.requests] == ["/in", "/in"]
    first.close()
    assert (await third.answer()).status == 200


async def test_who_waits_too_long_for_a_place_is_closed(start: Start) -> None:
    proxy = await start(
        "server: {limits: {connections: 1}, timeouts: {connect: 200ms}}\n".replace("200ms", "1s")
    )
    first = await proxy.dial()
    await first.send(request())
    assert (await first.answer()).status == 200
    waiting = await proxy.dial()
    await waiting.send(request("GET /late"))
    assert await waiting.end(5) in ("FIN", "RST")
    assert len(proxy.upstream.requests) == 1


async def test_asks_have_places_of_their_own(start: Start) -> None:
    proxy = await start("server: {limits: {connections: 1}}\ndecide: {listen: 127.0.0.1:0}\n")
    client = await proxy.dial()
    await client.send(request())
    assert (await client.answer()).status == 200
    asks = proxy.edge.asks
    assert asks is not None and (asks.limit, asks._admitted) == (1, 0)
    proxy.address = asks._runner.addresses[0]
    assert (await proxy.ask(request())).status == 200
