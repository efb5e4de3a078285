"""A policy text, an API behind it, and one request from outside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy

APP, EVIL = "https://app.example.com", "https://evil.example"


@asynccontextmanager
async def api() -> AsyncIterator[str]:
    """Its address; it answers with the request's path."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=request.path)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"


def text(upstream: str, origin: str = APP, more: str = "") -> str:
    return f"version: 1\nlisten: 127.0.0.1:0\nadmin: 127.0.0.1:0\nupstream: {upstream}\ncors: {{origins: [{origin}]}}\n{more}"


def policy(upstream: str, origin: str = APP, more: str = "") -> Policy:
    return parse_policy(text(upstream, origin, more), "policy.yaml", "")[0]


async def ask(port: int, origin: str = APP, path: str = "/x", **headers: str) -> int:
    sent = {"Origin": origin} | headers
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}", headers=sent) as got,
    ):
        return got.status
