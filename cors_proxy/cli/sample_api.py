"""A small API for the demo.

Its own CORS headers allow everybody, on purpose: the proxy must keep them from browsers.
`python -m cors_proxy.cli.sample_api [HOST:PORT]` runs it alone.
"""

import sys
from collections.abc import Awaitable, Callable

from aiohttp import web

from ..cors.hosts import split_port_text

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

COUNT: web.AppKey[list[int]] = web.AppKey("count", list)


def application() -> web.Application:
    """The API.  It counts all requests except `GET /requests`, which returns their number."""

    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path != "/requests":
            request.app[COUNT][0] += 1
        response = await handler(request)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "*"
        return response

    app = web.Application(middlewares=[counted])
    app[COUNT] = [0]
    app.router.add_get("/requests", _requests)
    app.router.add_get("/items", _items)
    app.router.add_get("/public/greeting", _greeting)
    app.router.add_get("/amp/greeting", _greeting)
    app.router.add_post("/orders", _order)
    app.router.add_put("/items/{id}", _put)
    app.router.add_delete("/items/{id}", _delete)
    return app


async def _requests(request: web.Request) -> web.Response:
    return web.json_response({"requests": request.app[COUNT][0]})


async def _items(request: web.Request) -> web.Response:
    items = [{"id": 1, "name": "lamp"}, {"id": 2, "name": "chair"}, {"id": 3, "name": "desk"}]
    response = web.json_response(items, headers={"X-Total-Count": "3", "X-Internal-Note": "not for scripts"})
    response.set_cookie("session", "demo", httponly=True, samesite="Lax")
    return response


async def _greeting(request: web.Request) -> web.Response:
    return web.json_response({"greeting": "hello, whoever you are"})


async def _order(request: web.Request) -> web.Response:
    return web.json_response({"ordered": len(await request.read())}, status=201)


async def _put(request: web.Request) -> web.Response:
    return web.json_response(
        {"id": request.match_info["id"], "saved": True, "session": request.cookies.get("session")}
    )


async def _delete(request: web.Request) -> web.Response:
    return web.json_response({"id": request.match_info["id"], "deleted": True})


if __name__ == "__main__":
    host, port = split_port_text(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:3000")
    web.run_app(
        application(),
        host=host.strip("[]"),
        port=int(port or 3000),
        print=lambda text: print("sample API:", text),
    )
