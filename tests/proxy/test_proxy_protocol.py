"""The PROXY protocol: who a load balancer says that it is from, and that nobody else is believed."""

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.proxy.proxy_protocol import ProxyHeader, ProxyHeaderError

from .conftest import Start, request
from .test_tls import write

BALANCER = "server: {proxy_protocol: [127.0.0.1], trusted_proxies: [127.0.0.1, 203.0.113.9]}\n"
V1 = b"PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n"
SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"


def v2(
    command: int = 0x21, family: int = 0x11, body: bytes = b"\xcb\x00\x71\x07\xc0\x00\x02\x01\xdc\x04\x01\xbb"
) -> bytes:
    return SIGNATURE + bytes((command, family)) + len(body).to_bytes(2, "big") + body


SIX = bytes.fromhex("20010db8000000000000000000000001" * 2 + "dc0401bb")
WHOLE = [
    (V1, "203.0.113.7"),
    (b"PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n", "2001:db8::1"),
    (b"PROXY UNKNOWN\r\n", ""),
    (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", ""),
    (v2(), "203.0.113.7"),
    (v2(body=b"\xcb\x00\x71\x07\xc0\x00\x02\x01\xdc\x04\x01\xbb" + b"\x03\x00\x01x"), "203.0.113.7"),  # a TLV
    (v2(family=0x21, body=SIX), "2001:db8::1"),
    (v2(0x20, 0x00, b""), ""),  # LOCAL
    (v2(0x20, 0x11, b""), ""),
    (v2(0x21, 0x00, b""), ""),  # UNSPEC
    (v2(0x21, 0x31, b"x" * 216), ""),  # a Unix socket
]  # fmt: skip
BROKEN = [
    b"GET / HTTP/1.1\r\n", b"proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
    b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", b"PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n", b"PROXY TCP4 ::1 ::1 1 2\r\n",
    b"PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
    b"PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n", b"PROXY TCP6 fe80::1%1 ::1 1 2\r\n", b"PROXY SCTP4 1.2.3.4 1.2.3.4 1 2\r\n",
    b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n", b"PROXY \r\n",
    b"PROXY UNKNOWN " + b"x" * 120 + b"\r\n", v2(0x11), v2(0x22), v2(0x31), v2(body=b"short"), v2(family=0x21),
    SIGNATURE + b"\x21\x11\xff\xff", b"\r\n\r\nX",
]  # fmt: skip


@pytest.mark.parametrize(("header", "source"), WHOLE)
def test_a_header_in_any_cut(header: bytes, source: str) -> None:
    for step in (1, 2, 5, len(header) + 4):
        reader, data, rest = ProxyHeader(), header + b"GET ", b""
        for at in range(0, len(data), step):
            piece = data[at : at + step]
            found = reader.feed(piece)
            if found is not None:
                rest = found + data[at + step :]
                break
        assert (reader.source, rest) == (source, b"GET ")


@pytest.mark.parametrize("data", BROKEN)
def test_what_is_no_header(data: bytes) -> None:
    with pytest.raises(ProxyHeaderError):
        ProxyHeader().feed(data)
    reader = ProxyHeader()
    with pytest.raises(ProxyHeaderError):
        for byte in data:
            reader.feed(bytes((byte,)))


@given(st.binary(max_size=300), st.sampled_from([b"", V1[:20], SIGNATURE, v2()[:14]]))
def test_nothing_else_is_raised(data: bytes, before: bytes) -> None:
    reader = ProxyHeader()
    try:
        rest = reader.feed(before + data)
    except ProxyHeaderError:
        return
    assert rest is None or (before + data).endswith(rest)
    assert rest is not None or len(before + data) < 4096


async def test_the_source_is_the_client(start: Start) -> None:
    for header in (V1, v2()):
        proxy = await start(BALANCER)
        await proxy.ask(header + request("GET /r", "X-Forwarded-For: 198.51.100.1"))
        assert proxy.notes.ended[0].peer == "203.0.113.7"
        assert proxy.upstream.requests[0].all("x-forwarded-for") == ["203.0.113.7"], "it is not trusted"


async def test_the_source_may_be_a_trusted_proxy(start: Start) -> None:
    proxy = await start(BALANCER)
    header = V1.replace(b"203.0.113.7", b"203.0.113.9")
    await proxy.ask(header + request("GET /r", "X-Forwarded-For: 198.51.100.1"))
    assert proxy.notes.ended[0].peer == "198.51.100.1"


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", v2(0x20, 0x00, b"")])
async def test_a_header_that_names_nobody_is_never_trusted(start: Start, header: bytes) -> None:
    proxy = await start(BALANCER)
    await proxy.ask(header + request("GET /r", "X-Forwarded-For: 198.51.100.1"))
    assert proxy.notes.ended[0].peer == "127.0.0.1"
    assert proxy.upstream.requests[0].all("x-forwarded-for") == ["127.0.0.1"]


@pytest.mark.parametrize("data", [request("GET /r"), b"PROXY TCP4 x\r\n" + request("GET /r")])
async def test_without_a_header_the_connection_ends(start: Start, data: bytes) -> None:
    proxy = await start(BALANCER)
    client = await proxy.dial()
    await client.send(data)
    await client.end()
    assert not proxy.upstream.requests and proxy.notes.bad[0].detail.startswith("PROXY protocol: ")


async def test_a_header_that_does_not_come_in_time_ends_the_connection(start: Start) -> None:
    proxy = await start("server: {proxy_protocol: [127.0.0.1], timeouts: {request_header: 0.3}}\n")
    client = await proxy.dial()
    await client.send(V1[:10])
    await client.end()
    assert not proxy.notes.ended


async def test_from_elsewhere_it_is_not_read(start: Start) -> None:
    proxy = await start("server: {proxy_protocol: [192.0.2.0/24]}\n")
    answer = await proxy.ask(V1 + request("GET /r"))
    assert answer.status == 400 and not proxy.upstream.requests


async def test_the_header_comes_before_tls(start: Start, tmp_path: Path) -> None:
    ca, certificate, key = write(tmp_path, trustme.CA(), "api.example")
    tls = f"server: {{tls: {{certificate: {certificate}, key: {key}}}, proxy_protocol: [private]}}\n"
    proxy = await start(tls)
    reader, writer = await asyncio.open_connection(*proxy.address)
    for byte in V1:
        writer.write(bytes((byte,)))
        await writer.drain()
    context = ssl.create_default_context(cafile=str(ca))
    await writer.start_tls(context, server_hostname="api.example")
    writer.write(request("GET /r"))
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()
    await proxy.notes.until(lambda: bool(proxy.notes.ended))
    assert (proxy.notes.ended[0].peer, proxy.notes.ended[0].scheme) == ("203.0.113.7", "https")
