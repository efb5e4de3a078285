"""What the upstream gets: Host, base path, prefix, X-Forwarded-* by `trusted_proxies`."""

import pytest

from cors_proxy.proxy.forwarding import without_prefix

from .conftest import Start, request


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        (b"/legacy/x?y", b"/x?y"), (b"/legacy", b"/"), (b"/legacy?q", b"/?q"), (b"/%6Cegacy/x", b"/x"), (b"/%6cegacy", b"/"),
        (b"/legacyx", b"/legacyx"), (b"/Legacy/x", b"/Legacy/x"), (b"/leg", b"/leg"), (b"/legacy%2f", b"/legacy%2f"),
    ],
)  # fmt: skip
def test_a_prefix_comes_off_in_any_spelling(path: bytes, rest: bytes) -> None:
    assert without_prefix(path, b"/legacy") == rest


async def test_a_strangers_forwarding_fields_are_replaced(start: Start) -> None:
    proxy = await start()
    lies = (
        "X-Forwarded-For: 1.2.3.4",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: evil",
        "X-Forwarded-Prefix: /evil",
        "Forwarded: for=evil",
    )
    await proxy.ask(request("GET /r", *lies, "X-Request-ID: chosen-by-a-stranger"))
    seen = proxy.upstream.requests[0]
    assert seen.all("x-forwarded-for") == ["127.0.0.1"] and seen.all("x-forwarded-proto") == ["http"]
    assert seen.all("x-forwarded-host") == ["api.example"] and not seen.all("x-forwarded-prefix") and not seen.all("forwarded")
    assert seen.all("via") == ["1.1 cors-proxy"]
    assert len(seen.all("x-request-id")) == 1 and len(seen.all("x-request-id")[0]) == 32
    assert proxy.notes.replaced == ["127.0.0.1"]


async def test_a_trusted_proxys_forwarding_fields_are_extended(start: Start) -> None:
    proxy = await start("server: {trusted_proxies: [private]}\n")
    given = ("X-Forwarded-For: 203.0.113.7, 10.0.0.1", "X-Forwarded-Proto: https", "X-Forwarded-Host: shop.example", "X-Request-ID: abc-1")
    answer = await proxy.ask(request("GET /r", *given))
    seen = proxy.upstream.requests[0]
    assert seen.all("x-forwarded-for") == ["203.0.113.7, 10.0.0.1, 127.0.0.1"]
    assert (seen.all("x-forwarded-proto"), seen.all("x-forwarded-host")) == (["https"], ["shop.example"])
    assert seen.all("x-request-id") == ["abc-1"] == answer.all("x-request-id")
    assert proxy.notes.ended[0].peer == "203.0.113.7"


async def test_connection_cannot_take_away_what_the_proxy_adds(start: Start) -> None:
    proxy = await start()
    await proxy.ask(request("GET /r", "Connection: close, X-Forwarded-For, X-Request-ID, Via, Host"))
    seen = proxy.upstream.requests[0]
    assert all(len(seen.all(name)) == 1 for name in ("x-forwarded-for", "x-request-id", "via", "host"))


async def test_prefix_base_path_and_host(start: Start) -> None:
    routes = "routes: [{path: '/legacy/**', strip_prefix: /legacy}]\nupstream_host: upstream\n"
    proxy = await start(routes)
    await proxy.ask(request("GET /legacy/x?y=1"))
    seen = proxy.upstream.requests[0]
    assert seen.target == "/x?y=1" and seen.all("x-forwarded-prefix") == ["/legacy"]
    assert seen.all("host") == [f"127.0.0.1:{proxy.upstream.port}"] and seen.all("x-forwarded-host") == ["api.example"]
