"""What the page asks for: itself, the stream, the counters, the policy as it acts, and explanations."""

import asyncio
import contextlib
import json
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final, Protocol

from aiohttp import web

from ... import __version__
from ...policy.effective import effective
from ...policy.model import Policy
from ..tally import Gauges, Tally
from .feed import Feed, Full
from .glimpse import Deliver

LOOK: Final = 0.5  # seconds between two looks whether a follower is still there


class Watched(Protocol):
    """What the page looks at."""

    @property
    def policy(self) -> Policy: ...

    async def counts(self) -> tuple[Tally, Gauges]: ...

    def watch(self, deliver: Deliver | None) -> None:
        """Deliver decisions as they are made, or (None) no longer."""


def add_page(app: web.Application, watched: Watched) -> None:
    """/, /decisions, /counters, /effective, POST /explain."""
    html = files(__package__).joinpath("page.html").read_text("utf-8")
    headers = {"Content-Security-Policy": content_security_policy(html), "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}
    feed = Feed(watched.watch)

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html", charset="utf-8", headers=headers)

    async def decisions(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Content-Type-Options": "nosniff"})
        response.headers["Cache-Control"] = "no-store"
        try:
            with feed.follow() as queue:
                await response.prepare(request)
                await response.write(b": here\n\n")
                # aiohttp does not tell a handler that its client left; one who reloads the page must not use up the places.
                while request.transport is not None and not request.transport.is_closing():
                    with contextlib.suppress(TimeoutError):
                        await response.write(await asyncio.wait_for(queue.get(), LOOK))
                return response
        except Full:
            return web.Response(status=503, text="too many look at the decisions already\n")
        except ConnectionError:
            return response

    async def counters(request: web.Request) -> web.Response:
        return web.json_response(as_counters(*await watched.counts()))

    async def policy(request: web.Request) -> web.Response:
        return web.json_response(text=await asyncio.to_thread(lambda: json.dumps(effective(watched.policy))))

    async def explanation(request: web.Request) -> web.Response:
        from .explainer import answer, to_question

        try:
            question = to_question(watched.policy, json.loads(await request.read()))
        except (ValueError, RecursionError) as error:
            return web.json_response({"error": str(error)}, status=400)
        # Reading a policy of 10,000 origins takes a second: in a thread, while the loop serves.
        return web.json_response(await asyncio.to_thread(answer, watched.policy, question))

    app.router.add_get("/", page)
    app.router.add_get("/decisions", decisions)
    app.router.add_get("/counters", counters)
    app.router.add_get("/effective", policy)
    app.router.add_post("/explain", explanation)


def content_security_policy(html: str) -> str:
    """The page's own script and style by their digests, and nothing else: https://www.w3.org/TR/CSP3/#strict-csp"""
    script, style = (_digest(html, tag) for tag in ("script", "style"))
    return (
        f"default-src 'none'; script-src {script}; style-src {style}; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _digest(html: str, tag: str) -> str:
    text = html.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def as_counters(tally: Tally, gauges: Gauges) -> dict[str, Any]:
    """Rows of route, kind, decision, reason, mode and count; of route, reason and count."""
    return {
        "version": __version__,
        "decisions": [[*key, count] for key, count in tally.decisions.items()],
        "differences": [[*key, count] for key, count in tally.differences.items()],
        "in_flight": gauges.in_flight,
        "connections": gauges.connections,
    }
