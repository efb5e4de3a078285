"""The routes of the admin page: itself, decisions, counters, the policy, explanations."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any, Final, Protocol

from aiohttp import web

from ... import __version__
from ...policy.effective import effective
from ...policy.model import Policy
from ..counters import Counters, Gauges
from .body import read_body
from .decision_event import DecisionEvent, Deliver
from .feed import Feed, FeedFullError
from .headers import PAGE_HTML

if TYPE_CHECKING:
    from ...explain.change import PolicyText
    from ...learn.memory import Memory

MAX_BODY: Final = 64 << 10  # bytes
CHECK_INTERVAL: Final = 0.5  # seconds between two checks whether a follower is connected


class PageService(Protocol):
    """What the page needs of a `Service`."""

    @property
    def policy(self) -> Policy: ...

    @property
    def text(self) -> PolicyText | None:
        """The text of a policy that is in no file, if it is known."""

    async def counts(self) -> tuple[Counters, Gauges]: ...

    async def refusals(self) -> list[DecisionEvent]:
        """The last ones, newest last."""

    async def memory(self) -> Memory:
        """What was seen under `mode: report`."""

    def subscribe(self, deliver: Deliver | None) -> None:
        """Call `deliver` with the decisions as they are made; None ends that."""


def add_page(app: web.Application, service: PageService, slow_work: asyncio.Lock) -> None:
    """/, /decisions, /refusals, /counters, /policy, /effective, /propose, POST /explain.

    Slow requests hold `slow_work`.
    """
    html = PAGE_HTML.encode("utf-8")
    feed = Feed(service.subscribe)

    async def page(request: web.Request) -> web.Response:
        return web.Response(body=html, content_type="text/html", charset="utf-8")

    async def decisions(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        try:
            with feed.follow() as queue:
                await response.prepare(request)
                # A comment, which tells the browser that the stream is open.
                await response.write(b": open\n\n")
                # aiohttp reports a client that left only on a write, and there may be none.
                while request.transport is not None and not request.transport.is_closing():
                    with contextlib.suppress(TimeoutError):
                        await response.write(await asyncio.wait_for(queue.get(), CHECK_INTERVAL))
                return response
        except FeedFullError:
            return web.Response(status=503, text="too many pages follow the decisions\n")
        except ConnectionError:
            return response

    async def counters(request: web.Request) -> web.Response:
        return web.json_response(as_counters(*await service.counts()))

    async def refusals(request: web.Request) -> web.Response:
        return web.json_response({"decisions": await service.refusals()})

    async def policy(request: web.Request) -> web.Response:
        from .explainer import policy_text
        from .listing import listing

        async with slow_work:
            found = service.policy
            return web.json_response(
                await asyncio.to_thread(lambda: listing(found, service.text or policy_text(found)))
            )

    async def effective_policy(request: web.Request) -> web.Response:
        async with slow_work:
            return web.json_response(
                text=await asyncio.to_thread(lambda: json.dumps(effective(service.policy)))
            )

    async def proposed(request: web.Request) -> web.Response:
        from .explainer import policy_text
        from .proposed import proposed_for

        async with slow_work:
            # Copied here: records come while the thread works.
            evidence, notes = (memory := await service.memory()).evidence(), memory.notes()
            found = service.policy
            return web.json_response(
                await asyncio.to_thread(
                    lambda: proposed_for(found, service.text or policy_text(found), evidence, notes)
                )
            )

    async def explanation(request: web.Request) -> web.Response:
        from .explainer import answer, policy_text, to_question

        try:
            question = to_question(service.policy, json.loads(await read_body(request, MAX_BODY)))
        except (ValueError, RecursionError) as error:
            return web.json_response({"error": str(error)}, status=400)
        # Reading a policy of 10,000 origins takes a second, so it is done in a thread.
        async with slow_work:
            found = service.policy
            return web.json_response(
                await asyncio.to_thread(lambda: answer(found, question, service.text or policy_text(found)))
            )

    app.router.add_get("/", page)
    app.router.add_get("/decisions", decisions)
    app.router.add_get("/counters", counters)
    app.router.add_get("/refusals", refusals)
    app.router.add_get("/policy", policy)
    app.router.add_get("/effective", effective_policy)
    app.router.add_get("/propose", proposed)
    app.router.add_post("/explain", explanation)


def as_counters(counters: Counters, gauges: Gauges) -> dict[str, Any]:
    """Rows of `decisions`: route, kind, decision, reason, mode, count.

    Rows of `differences`: route, reason, count.

    Rows of `upstreams`: upstream, address, up, requests, failures.
    """
    return {
        "version": __version__,
        "decisions": [[*key, count] for key, count in counters.decisions.items()],
        "differences": [[*key, count] for key, count in counters.differences.items()],
        "upstreams": [
            [*key, up, counters.upstream_requests.get(key, 0), counters.upstream_failures.get(key, 0)]
            for key, up in gauges.upstreams.items()
        ],
        "in_flight": gauges.in_flight,
        "connections": gauges.connections,
    }
