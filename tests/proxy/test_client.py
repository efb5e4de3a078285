"""Order, pace and time on one client connection.  Each timeout has a test in which it fires, and one in which it must not."""

import asyncio

import pytest

from tests.wire import Link, Seen

from .conftest import Start, request


def times(**seconds: str) -> str:
    return "server: {timeouts: {" + ", ".join(f"{name}: {value}" for name, value in seconds.items()) + "}}\n"


async def test_pipelined_requests_are_answered_in_order(start: Start) -> None:
    proxy = await start()
    gate = asyncio.Event()

    async def first_waits(link: Link, seen: Seen) -> None:
        if seen.target == "/0":
            await gate.wait()
        body = seen.target.encode()
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    proxy.upstream.script = first_waits
    client = await proxy.dial()
    await client.send(b"".join(request(f"GET /{n}") for n in range(200)))
    await proxy.upstream.request()
    gate.set()
    for n in range(200):
        assert (await client.answer()).body == f"/{n}".encode()


@pytest.mark.parametrize("origin", ["https://evil.example", "https://app.example"])
async def test_decisions_belong_to_their_request(start: Start, origin: str) -> None:
    proxy = await start()
    client = await proxy.dial()
    for who, status in (
        (origin, 200 if "app" in origin else 403),
        ("https://app.example", 200),
        ("https://evil.example", 403),
    ):
        await client.send(request("GET /r", f"Origin: {who}"))
        answer = await client.answer()
        assert answer.status == status
        assert answer.all("access-control-allow-origin") == ([who] if status == 200 else [])


async def test_a_refused_uploads_body_is_no_request(start: Start) -> None:
    proxy = await start()
    client = await proxy.dial()
    inner = request("GET /smuggled")
    await client.send(
        request("POST /r", "Origin: https://evil.example", body=inner)
        + request("GET /next", "Origin: https://app.example")
    )
    assert (await client.answer("POST")).status == 403
    assert (await client.answer()).body == b"/next"
    assert [seen.target for seen in proxy.upstream.requests] == ["/next"]


async def test_a_large_refused_upload_can_be_written_and_its_answer_read(start: Start) -> None:
    proxy = await start()
    client = await proxy.dial()
    body = b"u" * (5 << 20)
    await client.send(request("PUT /r", "Origin: https://evil.example", body=body))
    answer = await client.answer("PUT")
    assert answer.status == 403 and answer.complete and answer.all("connection") == ["close"]
    assert not proxy.upstream.links


async def test_expect_is_answered_after_the_decision(start: Start) -> None:
    proxy = await start()
    refused = await proxy.dial()
    await refused.send(
        request("POST /r", "Origin: https://evil.example", "Expect: 100-continue", "Content-Length: 5")
    )
    answer = await refused.answer("POST")
    assert answer.status == 403 and not answer.interim
    allowed = await proxy.dial()
    await allowed.send(request("POST /r", "Expect: 100-continue", "Content-Length: 5"))
    assert await allowed.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    await allowed.send(b"hello")
    assert (await allowed.answer("POST")).status == 200
    assert proxy.upstream.requests[0].body == b"hello" and not proxy.upstream.requests[0].all("expect")
    assert (await proxy.ask(request("POST /r", "Expect: 200-ok", body=b"x"))).status == 417


@pytest.mark.parametrize("expect", ["100-continue", "200-ok"])
async def test_an_old_client_gets_no_interim_answer(start: Start, expect: str) -> None:
    """HTTP/1.0 knows none, and Expect is ignored (RFC 9110 10.1.1)."""
    proxy = await start()

    async def interim(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    proxy.upstream.script = interim
    client = await proxy.dial()
    await client.send(
        request("POST /r", f"Expect: {expect}", "Content-Length: 5").replace(b"HTTP/1.1", b"HTTP/1.0")
    )
    await proxy.upstream.arrived.wait()
    await client.send(b"hello")
    answer = await client.answer("POST")
    assert (answer.status, answer.interim, answer.body) == (200, [], b"ok")


async def test_a_large_body_is_too_large_before_it_is_broken(start: Start) -> None:
    """In one segment as in two."""
    proxy = await start("server: {limits: {body_bytes: 4}}\n")
    head = b"POST /r HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    for pieces in ([head + b"5\r\nhello\r\nzz\r\n"], [head, b"5\r\nhello\r\nzz\r\n"]):
        client = await proxy.dial()
        for piece in pieces:
            await client.send(piece)
            await asyncio.sleep(0)
        assert (await client.answer("POST")).status == 413


async def test_request_header_fires(start: Start) -> None:
    proxy = await start(times(request_header="1s"))
    client = await proxy.dial()
    await client.send(request()[:-2])
    assert (await client.answer()).status == 408
    assert await client.end() == "FIN"


async def test_keep_alive_fires_and_request_header_does_not_run_between_requests(start: Start) -> None:
    proxy = await start(times(request_header="1s", keep_alive="2s"))
    client = await proxy.dial()
    await client.send(request())
    assert (await client.answer()).status == 200
    began = asyncio.get_running_loop().time()
    assert await client.end() == "FIN"
    assert asyncio.get_running_loop().time() - began > 1.5


async def test_body_idle_fires(start: Start) -> None:
    proxy = await start(times(body_idle="1s"))
    proxy.upstream.read_body = False
    ended = asyncio.Event()

    async def wait(link: Link, seen: Seen) -> None:
        await link.ended()
        ended.set()

    proxy.upstream.script = wait
    client = await proxy.dial()
    await client.send(request("POST /r", "Content-Length: 100") + b"0123456789")
    answer = await client.answer("POST")
    assert answer.status == 408 and answer.all("connection") == ["close"]
    await asyncio.wait_for(ended.wait(), 5)


async def test_body_idle_and_write_idle_do_not_run_while_the_upstream_takes_its_time(start: Start) -> None:
    proxy = await start(times(body_idle="1s", write_idle="1s"))
    proxy.upstream.read_body = False

    async def slow(link: Link, seen: Seen) -> None:
        await asyncio.sleep(1.5)  # the upload waits here, held back
        await link.body(seen, until_close=False)
        await asyncio.sleep(1.5)
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        await asyncio.sleep(1.5)
        await link.send(b"def")

    proxy.upstream.script = slow
    client = await proxy.dial()
    body = b"0123456789abcdef" * (1 << 20)
    await client.send(request("PUT /r", body=body))
    assert (await client.answer("PUT", 20)).body == b"abcdef"
    assert proxy.upstream.requests[0].body == body


async def test_write_idle_fires(start: Start) -> None:
    proxy = await start(times(write_idle="1s"))
    ended = asyncio.Event()

    async def endless(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while not link.writer.is_closing():
                link.writer.write(b"10000\r\n" + b"e" * 65536 + b"\r\n")
                await link.writer.drain()
        except ConnectionError:
            pass
        ended.set()

    proxy.upstream.script = endless
    client = await proxy.dial()
    client.transport.pause_reading()
    await client.send(request())
    await asyncio.wait_for(ended.wait(), 15)
    await proxy.notes.until(lambda: len(proxy.notes.ended) == 1)
    assert str(proxy.notes.ended[0].fault) == "Reason.CLIENT_STALLED"


@pytest.mark.parametrize("leave", ["reset", "close"])
async def test_the_upstream_is_told_when_the_client_leaves(start: Start, leave: str) -> None:
    proxy = await start()
    ended = asyncio.Event()

    async def wait(link: Link, seen: Seen) -> None:
        await link.ended()
        ended.set()

    proxy.upstream.script = wait
    client = await proxy.dial()
    await client.send(request())
    await proxy.upstream.request()
    getattr(client, leave)()
    await asyncio.wait_for(ended.wait(), 2)


async def test_http_1_0_is_served_by_its_rules(start: Start) -> None:
    proxy = await start()

    async def chunks(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")

    proxy.upstream.script = chunks
    client = await proxy.dial()
    await client.send(b"GET /r HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
    answer = await client.answer()
    assert (
        answer.body == b"abc"
        and not answer.all("transfer-encoding")
        and answer.all("connection") == ["close"]
    )


async def test_a_refused_head_of_a_head_request_is_answered_without_a_body(start: Start) -> None:
    proxy = await start()
    client = await proxy.dial()
    await client.send(b"HEAD / HTTP/1.1\r\nHost: api.exampl;\r\n\r\n")
    assert (await client.answer("HEAD")).status == 400
    assert await client.reader.read() == b""
