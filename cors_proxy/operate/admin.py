"""The admin listener: an ordinary aiohttp application that answers its own users, and no web page.

A page in the operator's browser can send requests to a loopback port, and by DNS rebinding read the answers:
so Host must be a name that only its users use, and an Origin must be the listener's own."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Protocol

from aiohttp import web

from ..policy.model import Policy
from .page.headers import SECURE
from .page.routes import BODY, Watched, add_page
from .view import policy_view

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Operated(Watched, Protocol):
    """What is asked about: a process that serves, or the supervisor of several."""

    @property
    def ready(self) -> bool: ...

    @property
    def policy(self) -> Policy: ...

    async def metrics(self) -> bytes: ...

    async def reload(self, cause: str) -> list[str]:
        """Read the policy again; the problems, none where it is in force now."""


def application(operated: Operated) -> web.Application:
    """/healthz, /readyz, /metrics, POST /reload, /config, and the page."""

    working = asyncio.Lock()  # one at a time does what costs time: the others wait, and the traffic does not

    async def healthz(request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(request: web.Request) -> web.Response:
        return (
            web.Response(text="ready\n") if operated.ready else web.Response(status=503, text="not ready\n")
        )

    async def metrics(request: web.Request) -> web.Response:
        async with working:
            text = await operated.metrics()
        return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def reload(request: web.Request) -> web.Response:
        problems = await operated.reload("POST /reload")
        if problems:
            return web.json_response({"result": "failure", "problems": problems}, status=422)
        return web.json_response({"result": "success"})

    async def config(request: web.Request) -> web.Response:
        async with working:
            text = await asyncio.to_thread(lambda: json.dumps(policy_view(operated.policy), indent=2) + "\n")
        return web.json_response(text=text)

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        admin = operated.policy.admin
        if not host_allowed(request.headers.getall("Host", []), admin.hosts if admin else ()):
            return web.Response(
                status=421, text="this Host is not served here; see the policy's admin.hosts\n"
            )
        if not origin_allowed(request):
            return web.Response(status=403, text="not for web pages of other origins\n")
        return await handler(request)

    async def secure(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(SECURE)

    app = web.Application(middlewares=[guard], client_max_size=BODY)
    app.on_response_prepare.append(secure)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/config", config)
    app.router.add_post("/reload", reload)
    add_page(app, operated, working)
    return app


def host_allowed(values: list[str], named: tuple[str, ...]) -> bool:
    """One Host: localhost, an IP literal, or one of `admin.hosts` (with a port there: exactly that one)."""
    if len(values) != 1:
        return False
    whole = values[0].lower()
    name, colon, port = whole.rpartition(":")
    if not colon or whole.endswith("]"):
        name, port = whole, ""
    if colon and not whole.endswith("]") and not (port.isascii() and port.isdigit()):
        return False
    if name == "localhost" or name in named or whole in named:
        return True
    try:
        ip_address(name[1:-1] if name.startswith("[") and name.endswith("]") else name)
    except ValueError:
        return False
    return name.startswith("[") or ":" not in name


def origin_allowed(request: web.Request) -> bool:
    """No Origin (curl, kubelet, Prometheus), or the listener's own; and nothing that a browser says is of another site."""
    origins = request.headers.getall("Origin", [])
    if any(origin != f"http://{request.headers['Host']}" for origin in origins):
        return False
    return all(value in ("same-origin", "none") for value in request.headers.getall("Sec-Fetch-Site", []))
