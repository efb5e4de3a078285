"""TLS without a socket: any cut gives the same bytes, and what waits in it is seen."""

import ssl

import pytest
import trustme

from cors_proxy.proxy.tls_state import TlsState


@pytest.fixture(scope="module")
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("api.example").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


def shake(contexts: tuple[ssl.SSLContext, ssl.SSLContext], cut: int = 1 << 20) -> tuple[TlsState, TlsState]:
    """Both ends after a handshake whose bytes come in pieces of `cut`."""
    server, client = TlsState(contexts[0], None), TlsState(contexts[1], "api.example")
    client.start()
    while not (server.established and client.established):
        for one, other in ((client, server), (server, client)):
            data = one.to_send()
            for at in range(0, len(data), cut):
                assert other.receive(data[at : at + cut]) == b""
    assert client.receive(server.to_send()) == b""  # tickets
    return server, client


@pytest.mark.parametrize("cut", [1, 7, 1000, 1 << 20])
def test_the_cut_does_not_matter(contexts: tuple[ssl.SSLContext, ssl.SSLContext], cut: int) -> None:
    server, client = shake(contexts, cut)
    sent = bytes(range(256)) * 400
    records = server.encrypt(sent) + server.close()
    came = b"".join(client.receive(records[at : at + cut]) for at in range(0, len(records), cut))
    assert came == sent and client.peer_closed and client.silent


def test_half_a_record_is_not_silent(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = shake(contexts)
    assert client.silent
    records = server.encrypt(b"unasked")
    assert client.receive(records[:10]) == b"" and not client.silent
    assert client.receive(records[10:]) == b"unasked" and client.silent


def test_a_name_that_is_not_meant_is_refused_with_an_alert(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, client = TlsState(contexts[0], None), TlsState(contexts[1], "other.example")
    client.start()
    server.receive(client.to_send())
    with pytest.raises(ssl.SSLCertVerificationError):
        client.receive(server.to_send())
    assert client.to_send() and not client.established


def test_what_is_no_tls_raises_and_nothing_else(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"x" * 70_000, b"\0" * 100):
        with pytest.raises(ssl.SSLError):
            TlsState(contexts[0], None).receive(data)
    server, client = shake(contexts)
    records = bytearray(server.encrypt(b"hello"))
    records[-1] ^= 1
    with pytest.raises(ssl.SSLError):
        client.receive(bytes(records))
