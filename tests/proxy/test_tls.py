"""TLS on both sides: verified by default, by name, and with a client certificate where the policy has one."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.edge import Edge
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


async def test_the_edge_speaks_tls_and_takes_a_new_certificate(start: Start, authority: trustme.CA, tmp_path: Path) -> None:
    behind = await start()
    ca, certificate, key = write(tmp_path, authority, "api.example")
    text = f"{BASE}upstream: http://127.0.0.1:{behind.upstream.port}\n{CORS}server: {{tls: {{certificate: {certificate}, key: {key}}}}}\n"
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

    first = await serial()
    assert behind.upstream.requests[0].all("x-forwarded-proto") == ["https"]
    write(tmp_path, authority, "api.example")
    edge.swap(policy)
    second = await serial()
    assert second != first
    # A certificate counts only with its policy: what is wrong elsewhere leaves the old one.
    write(tmp_path, authority, "api.example")
    secure = replace(policy.server, upstream_tls=replace(policy.server.upstream_tls, ca=str(tmp_path / "gone.crt")))
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
    await edge.close()
