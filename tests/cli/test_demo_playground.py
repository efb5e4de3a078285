import json

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from cors_proxy.cli.demo_pages import fill
from cors_proxy.cli.demo_playground import LIMIT, LastExchanges, routes
from cors_proxy.explain.change import PolicyText
from cors_proxy.proxy.recorder import Exchange

VALUES = {
    "proxy": "http://localhost:1",
    "page": "http://localhost:2",
    "proxy_port": "1",
    "admin_port": "3",
    "api_port": "4",
}


def application(exchanges: LastExchanges) -> web.Application:
    app = web.Application()
    source = PolicyText(fill("demo.yaml", VALUES), "demo.yaml", "")
    app.add_routes(routes(exchanges, source.read(), source))
    return app


def exchange(path: bytes, reached: float | None = None) -> Exchange:
    made = Exchange(b"GET", path, "127.0.0.1", "http", "1.1", 0.0)
    made.upstream_seconds = reached
    return made


async def test_the_last_exchanges_and_no_more() -> None:
    exchanges = LastExchanges()
    for number in range(LIMIT + 10):
        exchanges.keep(exchange(b"/%d?secret" % number, 0.1 if number % 2 else None))
    async with TestClient(TestServer(application(exchanges), host="127.0.0.1")) as client:
        for since, count in (("0", LIMIT), (str(LIMIT + 8), 2), (str(LIMIT + 10), 0), ("9" * 15, 0)):
            async with client.get(f"/decisions?since={since}") as got:
                told = await got.json()
                assert told["last"] == LIMIT + 10 and len(told["decisions"]) == count
                assert "secret" not in json.dumps(told)
                assert (
                    "Access-Control-Allow-Origin" not in got.headers
                    and got.headers["Cache-Control"] == "no-store"
                )
        async with client.get(f"/decisions?since={LIMIT + 8}") as got:
            assert [(each["path"], each["reached"]) for each in (await got.json())["decisions"]] == [
                ("/58", False),
                ("/59", True),
            ]
        for since in ("x", "-1", "٣", "9" * 5000):
            async with client.get("/decisions", params={"since": since}) as got:
                assert got.status == 400


async def test_explanations() -> None:
    exchanges = LastExchanges()
    asked: dict[str, object] = {
        "origin": "https://example-com.cdn.ampproject.org",
        "where": "http://localhost:1/amp/greeting",
        "method": "GET",
    }
    asked |= {"headers": [], "credentials": False, "upload_listener": False}
    async with TestClient(TestServer(application(exchanges), host="127.0.0.1")) as client:
        for path, allowed in (("/amp/greeting", True), ("/items", False)):
            async with client.post("/explain", json=asked | {"where": f"http://localhost:1{path}"}) as got:
                assert (await got.json())["allowed"] is allowed
        for wrong in (b"{}", b"\xff", b"[" * 9999, json.dumps(asked | {"headers": ["A B"]}).encode()):
            async with client.post("/explain", data=wrong) as got:
                assert got.status == 400 and "error" in await got.json()
