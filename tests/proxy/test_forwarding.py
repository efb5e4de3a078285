"""What the upstream gets: Host, base path, prefix, X-Forwarded-* by `trusted_proxies`."""

from ipaddress import ip_network

import pytest

from cors_proxy.proxy.forwarding import trusted, without_prefix
from tests.wire import Link, Seen

from .conftest import CORS, Start, request


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        (b"/legacy/x?y", b"/x?y"), (b"/legacy", b"/"), (b"/legacy?q", b"/?q"), (b"/%6Cegacy/x", b"/x"),
        (b"/%6cegacy", b"/"),
        (b"/legacyx", b"/legacyx"), (b"/Legacy/x", b"/Legacy/x"), (b"/leg", b"/leg"),
        (b"/legacy%2f", b"/legacy%2f"),
    ],
)  # fmt: skip
def test_a_prefix_comes_off_in_any_spelling(path: bytes, rest: bytes) -> None:
    assert without_prefix(path, b"/legacy") == rest


@pytest.mark.parametrize(
    ("peer", "one_of_them"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),  # a listener on [::] sees IPv4 peers like this
        ("::ffff:11.1.2.3", False),
        ("::1", False),
        ("", False),
        ("10.1.2.3.example", False),
    ],
)
def test_an_address_is_in_its_network(peer: str, one_of_them: bool) -> None:
    assert trusted(peer, (ip_network("10.0.0.0/8"),)) is one_of_them


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
    assert (
        seen.all("x-forwarded-host") == ["api.example"]
        and not seen.all("x-forwarded-prefix")
        and not seen.all("forwarded")
    )
    assert seen.all("via") == ["1.1 cors-proxy"]
    assert len(seen.all("x-request-id")) == 1 and len(seen.all("x-request-id")[0]) == 32
    assert proxy.notes.replaced == ["127.0.0.1"]


async def test_a_trusted_proxys_forwarding_fields_are_extended(start: Start) -> None:
    proxy = await start("server: {trusted_proxies: [private]}\n")
    given = (
        "X-Forwarded-For: 203.0.113.7, 10.0.0.1",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: shop.example",
        "X-Request-ID: abc-1",
    )
    answer = await proxy.ask(request("GET /r", *given))
    seen = proxy.upstream.requests[0]
    assert seen.all("x-forwarded-for") == ["203.0.113.7, 10.0.0.1, 127.0.0.1"]
    assert (seen.all("x-forwarded-proto"), seen.all("x-forwarded-host")) == (["https"], ["shop.example"])
    assert seen.all("x-request-id") == ["abc-1"] == answer.all("x-request-id")
    assert proxy.notes.ended[0].peer == "203.0.113.7"


DESCRIBING = ["For", "Proto", "Host", "Port", "Prefix", "Server", "By", "Ssl", "Scheme", "Protocol"]


@pytest.mark.parametrize("name", [*(f"X-Forwarded-{word}" for word in DESCRIBING), "X-Real-IP", "Forwarded"])
async def test_what_describes_the_connection_is_a_trusted_proxys_word_alone(start: Start, name: str) -> None:
    stranger = await start()
    await stranger.ask(request("GET /r", f"{name}: lie"))
    assert not any("lie" in value for value in stranger.upstream.requests[0].all(name))
    assert stranger.notes.replaced == ["127.0.0.1"]
    trusting = await start("server: {trusted_proxies: [private]}\n")
    await trusting.ask(request("GET /r", f"{name}: http"))
    assert any("http" in value for value in trusting.upstream.requests[0].all(name)) is (
        name != "X-Forwarded-Prefix"
    )


async def test_an_applications_own_fields_pass(start: Start) -> None:
    proxy = await start()
    await proxy.ask(
        request(
            "GET /r",
            "X-Forwarded-User: u",
            "X_Forwarded_User: v",
            "X-Real-Name: n",
            "my_field: m",
            "a.b_c: d",
        )
    )
    seen = proxy.upstream.requests[0]
    assert [seen.all(name) for name in ("x-forwarded-user", "x_forwarded_user", "x-real-name", "my_field",
        "a.b_c")] == [
        ["u"], ["v"], ["n"], ["m"], ["d"],
    ]  # fmt: skip


TWINS = [
    "X_Forwarded_For", "X_Forwarded-Proto", "x-forwarded_host", "X_Real_IP", "X_Request_ID", "Content_Length",
    "Transfer_Encoding",
    "Keep_Alive", "Proxy_Connection", "Proxy_Authorization", "Sec_Fetch_Site", "Sec-Fetch_Mode",
    "SEC_FETCH_DEST",
    "Sec_Fetch_Storage_Access", "Sec_Purpose", "Access_Control_Request_Method",
    "Access-Control_Request-Headers",
    "AMP_Same_Origin", "AMP_Email_Sender", "Sec_WebSocket_Key", "HTTP2_Settings", "X.Forwarded.For",
    "Content.Length",
]  # fmt: skip


@pytest.mark.parametrize("cors", [CORS, "mode: report\n" + CORS, "routes: [{path: '/**', cors: off}]\n"])
async def test_a_name_that_becomes_another_by_an_underscore_is_dropped(start: Start, cors: str) -> None:
    proxy = await start("server: {trusted_proxies: [private]}\n", cors=cors)
    client = await proxy.dial()
    for _ in range(2):  # also where the name is known
        await client.send(request("GET /r", *[f"{name}: 99" for name in TWINS], "X-Kept: 1"))
        assert (await client.answer()).status == 200
    for seen in proxy.upstream.requests:
        assert seen.all("x-kept") == ["1"]
        assert not [name for name, value in seen.lines if value == "99"]


async def test_credentials_for_a_proxy_end_at_it(start: Start) -> None:
    proxy = await start()

    async def script(link: Link, seen: Seen) -> None:
        await link.send(
            b"HTTP/1.1 200 OK\r\nProxy-Authenticate: Basic\r\nproxy-authentication-info: x\r\n"
            b"Proxy-Status: kept\r\n"
            b"WWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
        )

    proxy.upstream.script = script
    answer = await proxy.ask(
        request("GET /r", "Proxy-Authorization: Basic secret", "Authorization: Basic own")
    )
    seen = proxy.upstream.requests[0]
    assert not seen.all("proxy-authorization") and seen.all("authorization") == ["Basic own"]
    assert not answer.all("proxy-authenticate") and not answer.all("proxy-authentication-info")
    assert answer.all("proxy-status") == ["kept"] and answer.all("www-authenticate") == ["Basic"]


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("203.0.113.7:4711", "203.0.113.7"), ("[2001:db8::7]:4711", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"), ("evil, 203.0.113.7:1, 10.0.0.1:99", "203.0.113.7"),
        ("203.0.113.7:", "127.0.0.1"), ("203.0.113.7:x", "127.0.0.1"), ("[203.0.113.7:1", "127.0.0.1"),
        ("[2001:db8::7]4", "127.0.0.1"),
        ("unknown", "127.0.0.1"), ("", "127.0.0.1"),
    ],
)  # fmt: skip
async def test_a_member_with_a_port_is_an_address(start: Start, chain: str, client: str) -> None:
    proxy = await start("server: {trusted_proxies: [private]}\n")
    await proxy.ask(request("GET /r", f"X-Forwarded-For: {chain}"))
    assert proxy.notes.ended[0].peer == client


@pytest.mark.parametrize(
    ("lines", "scheme"),
    [
        (["https, http"], "https"), (["http , https"], "http"), (["HTTPS"], "HTTPS"),
        (["https", "http"], "https"),
        (["wss, https"], "http"), ([", https"], "http"),
    ],
)  # fmt: skip
async def test_the_first_of_several_schemes_is_the_clients(
    start: Start, lines: list[str], scheme: str
) -> None:
    proxy = await start("server: {trusted_proxies: [private]}\n")
    await proxy.ask(request("GET /r", *[f"X-Forwarded-Proto: {line}" for line in lines]))
    assert proxy.upstream.requests[0].all("x-forwarded-proto") == [scheme]


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
    assert seen.all("host") == [f"127.0.0.1:{proxy.upstream.port}"] and seen.all("x-forwarded-host") == [
        "api.example"
    ]


ORIGIN_KEYS = "cors: {origins: [https://app.example], accept_from: ['null'], methods: [GET, POST]}\n"


@pytest.mark.parametrize("origin", ["https://app.example", "null", "http://api.example"])
@pytest.mark.parametrize(
    ("setting", "expected"), [("keep", None), ("remove", []), ("own", ["http://api.example"])]
)
async def test_an_origin_that_is_known_is_replaced_or_removed(
    start: Start, origin: str, setting: str, expected: list[str] | None
) -> None:
    """Rows 5, 7 and 4: allowed, accepted, and the API's own."""
    extra = f"self_origins: [http://api.example]\nupstream_origin: {setting}\n{ORIGIN_KEYS}"
    proxy = await start(extra, cors="")
    await proxy.ask(request("POST /r", f"oRigin: {origin}", "Content-Length: 0"))
    seen = proxy.upstream.requests[0]
    assert seen.all("origin") == ([origin] if expected is None else expected)
    assert proxy.notes.ended[0].origin == origin.encode(), "the log keeps the client's"


async def test_an_opaque_origin_that_is_judged_as_absent_stays(start: Start) -> None:
    """Row 8: the API's own form, under `Referrer-Policy: no-referrer`."""
    proxy = await start("upstream_origin: own\ncors: {origins: [https://app.example]}\n", cors="")
    await proxy.ask(request("POST /r", "Origin: null", "Sec-Fetch-Site: same-origin", "Content-Length: 0"))
    assert proxy.upstream.requests[0].all("origin") == ["null"]


async def test_an_origin_is_never_added(start: Start) -> None:
    proxy = await start("upstream_origin: own\n" + ORIGIN_KEYS, cors="")
    await proxy.ask(request("GET /r"))
    assert not proxy.upstream.requests[0].all("origin")


@pytest.mark.parametrize("extra", ["mode: report\n", "mode: headers\n", "routes: [{path: /r, cors: off}]\n"])
@pytest.mark.parametrize("origin", ["https://app.example", "https://evil.example"])
async def test_what_is_not_enforced_keeps_the_clients_origin(start: Start, extra: str, origin: str) -> None:
    """The API's own check against CSRF sees it."""
    proxy = await start("upstream_origin: own\n" + ORIGIN_KEYS + extra, cors="")
    await proxy.ask(request("POST /r", f"Origin: {origin}", "Content-Length: 0"))
    assert proxy.upstream.requests[0].all("origin") == [origin]


async def test_the_own_origin_has_the_scheme_and_host_that_the_upstream_gets(start: Start) -> None:
    extra = "server: {trusted_proxies: [private]}\nupstream_origin: own\n" + ORIGIN_KEYS
    routes = "routes: [{path: /own/**, upstream_host: upstream}, {path: /kept/**, upstream_origin: keep}]\n"
    proxy = await start(extra + routes, cors="")
    origin = "Origin: https://app.example"
    for path in ("/r", "/own/r", "/kept/r"):
        await proxy.ask(request(f"GET {path}", origin, "X-Forwarded-Proto: https, http"))
    found = [seen.all("origin") for seen in proxy.upstream.requests]
    assert found == [
        ["https://api.example"],
        [f"https://127.0.0.1:{proxy.upstream.port}"],
        ["https://app.example"],
    ]


@pytest.mark.parametrize(
    ("keys", "location"),
    [
        ("strip_prefix: /legacy, rewrite_location: true", "/legacy/items/1"),
        ("strip_prefix: /legacy", "/items/1"),
        ("rewrite_location: true", "/items/1"),
    ],
)
async def test_location_in_a_response(keys: str, location: str, start: Start) -> None:
    proxy = await start(f"routes: [{{path: /legacy/**, {keys}}}]\n")

    async def answer(link: Link, seen: Seen) -> None:
        await link.send(b"HTTP/1.1 201 Created\r\nLocation: /items/1\r\nContent-Length: 0\r\n\r\n")

    proxy.upstream.script = answer
    answered = await proxy.ask(request("POST /legacy/items", "Content-Length: 0"))
    assert answered.all("location") == [location]


async def test_a_route_inherits_rewrite_location(start: Start) -> None:
    proxy = await start(
        "rewrite_location: true\nroutes:\n- {path: /a/**, strip_prefix: /a}\n"
        "- {path: /b/**, strip_prefix: /b, rewrite_location: false}\n"
    )

    async def answer(link: Link, seen: Seen) -> None:
        await link.send(
            b"HTTP/1.1 302 Found\r\nContent-Location: /x\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"
        )

    proxy.upstream.script = answer
    for path, location in (("/a/1", "/a/x"), ("/b/1", "/x"), ("/c", "/x")):
        answered = await proxy.ask(request(f"GET {path}"))
        assert answered.all("location") == answered.all("content-location") == [location]
