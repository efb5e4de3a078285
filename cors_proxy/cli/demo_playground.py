"""What the playground gets from its own origin: the proxy's last exchanges, and explanations."""

import asyncio
import json
from collections import deque
from typing import Final

from aiohttp import web

from ..explain.change import PolicyText
from ..operate.page.decision_event import DecisionEvent, decision_event
from ..operate.page.explainer import answer, to_question
from ..policy.model import Policy
from ..proxy.recorder import Exchange

LIMIT: Final = 50
HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class LastExchanges:
    """The last `LIMIT` exchanges, numbered from 1; `keep` is a watcher of the recorder."""

    def __init__(self) -> None:
        self._exchanges: deque[tuple[int, DecisionEvent]] = deque(maxlen=LIMIT)
        self._last = 0

    def keep(self, exchange: Exchange) -> None:
        self._last += 1
        self._exchanges.append(
            (self._last, decision_event(exchange) | {"reached": exchange.upstream_seconds is not None})
        )

    def since(self, number: int) -> tuple[int, list[DecisionEvent]]:
        """The last exchange's number, and the kept exchanges after `number`, oldest first."""
        return self._last, [each for at, each in self._exchanges if at > number]


def routes(exchanges: LastExchanges, policy: Policy, source: PolicyText) -> list[web.RouteDef]:
    """GET /decisions?since=N, and POST /explain as on the admin page."""

    async def decisions(request: web.Request) -> web.Response:
        since = request.query.get("since", "0")
        if not (since.isascii() and since.isdigit() and len(since) < 16):
            return web.json_response({"error": "since must be a number"}, status=400, headers=HEADERS)
        last, found = exchanges.since(int(since))
        return web.json_response({"last": last, "decisions": found}, headers=HEADERS)

    async def explanation(request: web.Request) -> web.Response:
        try:
            question = to_question(policy, json.loads(await request.read()))
        except (ValueError, RecursionError) as error:
            return web.json_response({"error": str(error)}, status=400, headers=HEADERS)
        return web.json_response(await asyncio.to_thread(answer, policy, question, source), headers=HEADERS)

    return [web.get("/decisions", decisions), web.post("/explain", explanation)]
