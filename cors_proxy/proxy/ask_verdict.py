"""The decision about the request of an ask, with the record of it: the same for all dialects."""

from time import monotonic
from typing import NamedTuple

from ..cors.decision import Answer, Decision, Forward, Refuse
from ..cors.judge import judge
from ..cors.modes import names_rule
from ..cors.reason import Reason
from ..cors.request import Request
from ..cors.site import Route
from . import answers
from .ask_head import Asked
from .bounds import Bounds
from .context import Context
from .forwarding import request_id
from .recorder import Exchange
from .request_head import RequestHead


class Verdict(NamedTuple):
    """`action` is what the route's mode makes of `decision`.  The record has begun."""

    record: Exchange
    bounds: Bounds
    route: Route
    request: Request
    decision: Decision
    action: Decision

    @property
    def forwards(self) -> bool:
        return isinstance(self.action, Forward)

    @property
    def preflight(self) -> bool:
        """It is answered as a preflight: without a body, by the lines of the grant."""
        action = self.action
        return isinstance(action, Answer) or (isinstance(action, Refuse) and action.readable)

    @property
    def status(self) -> int:
        """For the client, where the request is not forwarded."""
        action = self.action
        assert isinstance(action, Answer | Refuse)
        return action.status

    @property
    def word(self) -> bytes:
        action = self.action
        return (
            b"forward"
            if isinstance(action, Forward)
            else b"answer"
            if isinstance(action, Answer)
            else b"refuse"
        )


def verdict(context: Context, about: Asked, head: RequestHead, peer: str, version: str) -> Verdict:
    """Judges a request, and begins its record.  `version`: that of HTTP in which it came."""
    request = Request(about.method, about.target, about.judged)
    judged = judge(context.policy.site, request)
    route, decision, action = judged.route, judged.decision, judged.action
    client = context.client(peer, head) if head.forwarded else peer
    record = Exchange(
        about.method, about.target, client, about.scheme, version, monotonic(),
        request.host, request.origin, head.user_agent, request_id(head, True), route.name, route.mode,
        decision, action is decision, request.judged, head.traceparent,
    )  # fmt: skip
    bounds = context.bounds[route.index]
    if about.body and isinstance(action, Forward):
        fault = _cannot_forward(request.websocket, about.body, bounds.body_bytes)
        if fault is not None:
            status, record.fault = fault
            action = Refuse(record.fault, action.kind, None, action.grant, status=status)
    context.recorder.begin(record)
    return Verdict(record, bounds, route, request, decision, action)


def _cannot_forward(websocket: bool, body: int, body_bytes: int) -> tuple[int, Reason] | None:
    """Status and reason, where the body is why a request that may pass cannot be forwarded.

    The proxy answers the same (`journey.py`).  An engine would open the tunnel, or refuse too much
    without the grant, so that the page could not read why.  Only the engine can count the bytes of a
    body in chunks."""
    if websocket:
        return 400, Reason.WEBSOCKET_BODY
    if body_bytes and body > body_bytes:
        return 413, Reason.BODY_TOO_LARGE
    return None


def problem(context: Context, found: Verdict, own: bytes, closing: bool, bodiless: bool) -> tuple[bytes, int]:
    """The response to a refused request, and the length of its body.  `own`: lines of this
    exchange."""
    action = found.action
    assert isinstance(action, Refuse)
    debug = names_rule(context.policy.site, found.route, action)
    rule = str(action.rule) if debug and action.rule is not None else ""
    return answers.problem(
        action.status, action.reason, own, closing, bodiless=bodiless, rule=rule, debug=debug
    )
