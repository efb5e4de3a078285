"""TLS on both sides: verified by default, by name, and with a client certificate where the policy
has one."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.edge import Edge
from cors_proxy.proxy.tls_state import TlsState
from tests.wire import Client

from .conftest import BASE, CORS, Notes, Start, request


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def write(folder: Path, authority: trustme.CA, *names: str) -> tuple[Path, Path, Path]:
    """CA, certificate and key as files."""
    leaf = authority.issue_cert(*names)
    leaf.private_key_pem.write_to_path(folder / "tls.key")
    with (folder / "tls.crt").open("wb") as file:
        file.write(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    authority.cert_pem.write_to_path(folder / "ca.crt")
    return folder / "ca.crt", folder / "tls.crt", folder / "tls.key"


@pytest.fixture
async def secure(authority: trustme.CA, tmp_path: Path) -> AsyncIterator[int]:
    """An upstream that speaks TLS as api.internal, and asks for a client certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("api.internal").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b"with" if writer.get_extra_info("peercert") else b"none"
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        ("ca: CA, server_name: api.internal", b"none"),
        ("ca: CA, server_name: api.internal, certificate: CRT, key: KEY", b"with"),
        ("ca: CA, server_name: other.internal", None),
        ("ca: CA", None),
        ("server_name: api.internal", None),
        ("verify: false", b"none"),
    ],
)
async def test_the_upstream_is_verified(
    start: Start, secure: int, authority: trustme.CA, tmp_path: Path, keys: str, outcome: bytes | None
) -> None:
    ca, certificate, key = write(tmp_path, authority, "proxy.internal")
    keys = keys.replace("CA", str(ca)).replace("CRT", str(certificate)).replace("KEY", str(key))
    proxy = await start(f"server: {{upstream_tls: {{{keys}}}}}\n", upstream=f"https://127.0.0.1:{secure}")
    answer = await proxy.ask(request("GET /r", "Origin: https://app.example"))
    if outcome is None:
        assert answer.status == 502 and answer.all("access-control-allow-origin") == ["https://app.example"]
    else:
        assert (answer.status, answer.body) == (200, outcome)


async def test_the_edge_speaks_tls_and_takes_a_new_certificate(
    start: Start, authority: trustme.CA, tmp_path: Path
) -> None:
    behind = await start()
    ca, certificate, key = write(tmp_path, authority, "api.example")
    tls = f"{{certificate: {certificate}, key: {key}}}"
    text = f"{BASE}upstream: http://127.0.0.1:{behind.upstream.port}\n{CORS}server: {{tls: {tls}}}\n"
    policy, _ = parse_policy(text, "policy.yaml", str(tmp_path))
    edge = Edge(policy, Notes())
    await edge.start()
    address = edge._runner.addresses[0]

    async def serial() -> int:
        context = ssl.create_default_context(cafile=str(ca))
        client = Client(*await asyncio.open_connection(*address, ssl=context, server_hostname="api.example"))
        await client.send(request("GET /tls"))
        assert (await client.answer()).body == b"/tls"
        found = client.writer.get_extra_info("peercert")["serialNumber"]
        client.close()
        return int(found, 16)

    try:
        first = await serial()
        assert behind.upstream.requests[0].all("x-forwarded-proto") == ["https"]
        write(tmp_path, authority, "api.example")
        edge.swap(policy)
        second = await serial()
        assert second != first
        # A certificate counts only with its policy: what is wrong elsewhere leaves the old one.
        write(tmp_path, authority, "api.example")
        secure = replace(
            policy.server, upstream_tls=replace(policy.server.upstream_tls, ca=str(tmp_path / "gone.crt"))
        )
        upstream = replace(policy.forwarding[0], upstream=replace(policy.forwarding[0].upstream, tls=True))
        with pytest.raises(OSError):
            edge.swap(replace(policy, server=secure, forwarding=(upstream,)))
        assert await serial() == second and edge.policy is policy
        key.write_text("no key")
        with pytest.raises(OSError):
            edge.swap(policy)
        assert await serial() == second
        plain = Client(*await asyncio.open_connection(*address))
        await plain.send(request("GET /plain"))
        assert (await plain.answer()).status == 0
        assert len(behind.upstream.requests) == 4
        plain.close()
    finally:
        await edge.close()


@pytest.fixture
async def edge(
    start: Start, authority: trustme.CA, tmp_path: Path
) -> AsyncIterator[tuple[Edge, Notes, ssl.SSLContext]]:
    """An edge that speaks TLS, and a client's context for it."""
    behind = await start()
    ca, certificate, key = write(tmp_path, authority, "api.example")
    tls = f"{{certificate: {certificate}, key: {key}}}"
    server = f"server: {{tls: {tls}, timeouts: {{request_header: 1s}}, limits: {{connections: 8}}}}\n"
    text = f"{BASE}upstream: http://127.0.0.1:{behind.upstream.port}\n{CORS}{server}"
    policy, _ = parse_policy(text, "policy.yaml", str(tmp_path))
    notes = Notes()
    edge = Edge(policy, notes)
    await edge.start()
    yield edge, notes, ssl.create_default_context(cafile=str(ca))
    await edge.close()
    assert not notes.failures


@pytest.mark.parametrize(
    "first", [b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03"], ids=["silent", "half a ClientHello"]
)
async def test_a_handshake_that_does_not_come_is_counted_and_ends(
    edge: tuple[Edge, Notes, ssl.SSLContext], first: bytes
) -> None:
    served, notes, _ = edge
    clients = [Client(*await asyncio.open_connection(*served._runner.addresses[0])) for _ in range(8)]
    for client in clients:
        await client.send(first)
    await notes.until(lambda: notes.open == 8)
    for client in clients:
        assert await client.end(5) in ("FIN", "RST")
        client.close()
    await notes.until(lambda: notes.open == 0)


async def test_bytes_in_the_same_flight_as_the_handshakes_end(
    edge: tuple[Edge, Notes, ssl.SSLContext],
) -> None:
    served, _, context = edge
    client = TlsState(context, "api.example")
    reader, writer = await asyncio.open_connection(*served._runner.addresses[0])
    client.start()
    came = b""
    writer.write(client.to_send())
    while not client.established:
        client.receive(await reader.read(65536))
    writer.write(client.to_send() + client.encrypt(request("GET /a", "Connection: close")) + client.close())
    while data := await reader.read(65536):
        came += client.receive(data)
    # It has said its last word, and is taken for one that left; what it gets before that is whole
    # TLS.
    assert not came or came.startswith(b"HTTP/1.1 ")
    writer.close()


async def test_half_a_record_on_an_idle_upstream_connection_reaches_nobody(
    start: Start, authority: trustme.CA, tmp_path: Path
) -> None:
    """The kernel has given these bytes away, and the TLS layer makes nothing of them yet: the rest
    comes behind the next request."""
    ca, _, _ = write(tmp_path, authority, "proxy.internal")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    served: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(served)
        served.append(0)
        tls = TlsState(context, None)
        unasked = b""
        while data := await reader.read(65536):
            plain = tls.receive(data)
            writer.write(tls.to_send())
            if plain:
                served[number] += 1
                if unasked:
                    writer.write(unasked)  # the rest of the record, now that a request is out
                    await asyncio.sleep(0.05)
                answer = tls.encrypt(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine")
                poison = tls.encrypt(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
                writer.write(answer + poison[:20] if number % 2 else answer)
                unasked = poison[20:]
                if not number % 2:
                    await writer.drain()
                    writer.write(poison[:20])
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    with contextlib.closing(server):
        port = server.sockets[0].getsockname()[1]
        proxy = await start(f"server: {{upstream_tls: {{ca: {ca}}}}}\n", upstream=f"https://127.0.0.1:{port}")
        for _ in range(8):
            client = await proxy.dial()
            await client.send(request("GET /r", "Origin: https://app.example"))
            assert (await client.answer()).body == b"mine"
            client.close()
        assert served == [1] * len(served)


async def test_an_answer_without_length_needs_a_close_notify(
    start: Start, authority: trustme.CA, tmp_path: Path
) -> None:
    ca, _, _ = write(tmp_path, authority, "proxy.internal")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tls = TlsState(context, None)
        while True:
            plain = tls.receive(await reader.read(65536))
            writer.write(tls.to_send())
            if plain:
                writer.write(tls.encrypt(b"HTTP/1.1 200 OK\r\n\r\nall of it?"))
                if b"/whole" in plain:
                    writer.write(tls.close())
                writer.close()
                return

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    with contextlib.closing(server):
        port = server.sockets[0].getsockname()[1]
        proxy = await start(f"server: {{upstream_tls: {{ca: {ca}}}}}\n", upstream=f"https://127.0.0.1:{port}")
        whole = await proxy.ask(request("GET /whole"))
        assert whole.complete and whole.body == b"all of it?"
        assert not (await proxy.ask(request("GET /cut"))).complete


async def test_a_connection_that_is_lost_keeps_no_session(edge: tuple[Edge, Notes, ssl.SSLContext]) -> None:
    """It stays in cycles until they are collected, and the collector sees nothing of OpenSSL's
    memory."""
    served, notes, context = edge
    client = Client(
        *await asyncio.open_connection(
            *served._runner.addresses[0], ssl=context, server_hostname="api.example"
        )
    )
    await notes.until(lambda: notes.open == 1)
    ours: Any = next(iter(served._server.connections))
    assert ours.transport.tls is not None
    client.close()
    await notes.until(lambda: notes.open == 0)
    assert ours.transport.tls is None
