"""What the page asks for: itself, the stream, the counters, the policy as it acts, and explanations."""

import asyncio
import contextlib
import json
from typing import Any, Final, Protocol

from aiohttp import web

from ... import __version__
from ...policy.effective import effective
from ...policy.model import Policy
from ..counters import Counters, Gauges
from .body import body
from .decision_event import Deliver
from .feed import Feed, FeedFullError
from .headers import HTML

BODY: Final = 64 << 10  # bytes of a form
LOOK: Final = 0.5  # seconds between two looks whether a follower is still there


class Watched(Protocol):
    """What the page looks at."""

    @property
    def policy(self) -> Policy: ...

    async def counts(self) -> tuple[Counters, Gauges]: ...

    def watch(self, deliver: Deliver | None) -> None:
        """Deliver decisions as they are made, or (None) no longer."""


def add_page(app: web.Application, watched: Watched, working: asyncio.Lock) -> None:
    """/, /decisions, /counters, /effective, POST /explain.  `working` is held for what costs time."""
    html = HTML.encode("utf-8")
    feed = Feed(watched.watch)

    async def page(request: web.Request) -> web.Response:
        return web.Response(body=html, content_type="text/html", charset="utf-8")

    async def decisions(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        try:
            with feed.follow() as queue:
                await response.prepare(request)
                await response.write(b": here\n\n")
                # aiohttp does not tell a handler that its client left; one who reloads the page must not use up the places.
                while request.transport is not None and not request.transport.is_closing():
                    with contextlib.suppress(TimeoutError):
                        await response.write(await asyncio.wait_for(queue.get(), LOOK))
                return response
        except FeedFullError:
            return web.Response(status=503, text="too many look at the decisions already\n")
        except ConnectionError:
            return response

    async def counters(request: web.Request) -> web.Response:
        return web.json_response(as_counters(*await watched.counts()))

    async def policy(request: web.Request) -> web.Response:
        async with working:
            return web.json_response(
                text=await asyncio.to_thread(lambda: json.dumps(effective(watched.policy)))
            )

    async def explanation(request: web.Request) -> web.Response:
        from .explainer import answer, to_question

        try:
            question = to_question(watched.policy, json.loads(await body(request, BODY)))
        except (ValueError, RecursionError) as error:
            return web.json_response({"error": str(error)}, status=400)
        # Reading a policy of 10,000 origins takes a second: in a thread, while the loop serves.
        async with working:
            return web.json_response(await asyncio.to_thread(answer, watched.policy, question))

    app.router.add_get("/", page)
    app.router.add_get("/decisions", decisions)
    app.router.add_get("/counters", counters)
    app.router.add_get("/effective", policy)
    app.router.add_post("/explain", explanation)


def as_counters(counters: Counters, gauges: Gauges) -> dict[str, Any]:
    """Rows of route, kind, decision, reason, mode and count; of route, reason and count."""
    return {
        "version": __version__,
        "decisions": [[*key, count] for key, count in counters.decisions.items()],
        "differences": [[*key, count] for key, count in counters.differences.items()],
        "in_flight": gauges.in_flight,
        "connections": gauges.connections,
    }
