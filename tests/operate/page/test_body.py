"""Read in time, within a size, and as it is coded: what a client gets for it is in tests/operate/test_admin_listener.py."""

import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from cors_proxy.operate.page.body import read_body


@pytest.mark.parametrize(("size", "status"), [(100, 200), (101, 413)])
@pytest.mark.parametrize("coding", ["identity", "deflate", "x-gzip"])
async def test_the_size_counts_decoded(
    aiohttp_client: Callable[[Any], Awaitable[TestClient[Any, Any]]], size: int, status: int, coding: str
) -> None:
    async def take(request: web.Request) -> web.Response:
        return web.Response(body=await read_body(request, 100))

    app = web.Application(client_max_size=100)
    app.router.add_post("/", take)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server(auto_decompress=False)
    client = await aiohttp_client(server)
    packer = zlib.compressobj(wbits=31 if coding == "x-gzip" else 15)
    sent = b"x" * size if coding == "identity" else packer.compress(b"x" * size) + packer.flush()
    async with client.post(
        "/", data=sent, headers={"Content-Encoding": coding}, skip_auto_headers=["Content-Type"]
    ) as got:
        assert got.status == status
