"""The admin API: an aiohttp application for operators, closed to the web pages in their browsers.

A page can send requests to a loopback port, and read the responses by DNS rebinding.  So the Host
must be a name that only operators use, and an Origin must be the listener's own.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Protocol

from aiohttp import web

from ..cors import hosts
from ..cors.hosts import HostList
from ..policy.model import Policy
from .page.headers import SECURITY_HEADERS
from .page.routes import MAX_BODY, PageService, add_page
from .view import policy_view

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class AdminService(PageService, Protocol):
    """What the admin API needs of a `Service`."""

    @property
    def ready(self) -> bool: ...

    @property
    def policy(self) -> Policy: ...

    async def metrics(self) -> bytes: ...

    async def reload(self, cause: str) -> list[str]:
        """Read the policy again.  Returns the problems, none if the new policy is in force."""


def application(service: AdminService) -> web.Application:
    """/healthz, /readyz, /metrics, POST /reload, /config, and the page."""

    # Held by requests that cost CPU time, so that they run one after the other beside the traffic.
    slow_work = asyncio.Lock()

    async def healthz(request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(request: web.Request) -> web.Response:
        return web.Response(text="ready\n") if service.ready else web.Response(status=503, text="not ready\n")

    async def metrics(request: web.Request) -> web.Response:
        async with slow_work:
            text = await service.metrics()
        return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def reload(request: web.Request) -> web.Response:
        problems = await service.reload("POST /reload")
        if problems:
            return web.json_response({"result": "failure", "problems": problems}, status=422)
        return web.json_response({"result": "success"})

    async def config(request: web.Request) -> web.Response:
        async with slow_work:
            text = await asyncio.to_thread(lambda: json.dumps(policy_view(service.policy), indent=2) + "\n")
        return web.json_response(text=text)

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        admin = service.policy.admin
        if not host_allowed(request.headers.getall("Host", []), admin.hosts if admin else ()):
            return web.Response(
                status=421, text="this Host is not allowed; add it to admin.hosts in the policy\n"
            )
        if not origin_allowed(request):
            return web.Response(status=403, text="web pages of other origins are not allowed\n")
        return await handler(request)

    async def secure(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(SECURITY_HEADERS)

    app = web.Application(middlewares=[guard], client_max_size=MAX_BODY)
    app.on_response_prepare.append(secure)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/config", config)
    app.router.add_post("/reload", reload)
    add_page(app, service, slow_work)
    return app


def host_allowed(values: list[str], allowed: tuple[str, ...]) -> bool:
    """Exactly one Host: localhost, an IP literal, or one of `admin.hosts`.

    A page can rebind a name, but not an IP literal.
    An entry with a port matches that port only, an entry without one matches each port.
    """
    if len(values) != 1:
        return False
    host = values[0].encode("utf-8", "surrogateescape")
    return hosts.valid(host) and HostList(("localhost", *allowed)).allows(host)


def origin_allowed(request: web.Request) -> bool:
    """Not from a page of another origin, by Origin and Sec-Fetch-Site.

    curl, the kubelet and Prometheus send neither.
    """
    origins = request.headers.getall("Origin", [])
    if any(origin != f"http://{request.headers['Host']}" for origin in origins):
        return False
    return all(value in ("same-origin", "none") for value in request.headers.getall("Sec-Fetch-Site", []))
