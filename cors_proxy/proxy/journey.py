"""A request's whole journey, in one function:  read -> match route -> decide -> answer | refuse | forward -> rewrite -> record.

The rewrite and the record of what is forwarded happen when its answer comes (`passage.response`, `client.finished`)."""

from time import monotonic
from typing import TYPE_CHECKING

from ..cors.decision import Answer, Decision, Forward, Refuse
from ..cors.judge import judge
from ..cors.modes import names_rule
from ..cors.reason import Reason
from ..cors.request import Request
from . import answers
from .forwarding import original_client, request_head, request_id
from .proxy_exchange import ProxyExchange
from .recorder import Exchange
from .tunnel import is_handshake

if TYPE_CHECKING:
    from .client import ClientConnection
    from .edge import Edge
    from .request_reader import Message

_DISTRUSTED = (400, 417)  # what such a client says next is not listened to


def handle(edge: "Edge", client: "ClientConnection", message: "Message") -> None:
    """Takes a request whose head is whole to its answer, or on its way to the upstream."""
    policy, head = edge.policy, message.head

    # read
    request = Request(message.method, message.target, head.judged)

    # match route, decide
    judged = judge(policy.site, request)
    route, decision, action = judged.route, judged.decision, judged.action

    bounds = client.bounds = edge.bounds[route.index]
    from_trusted = edge.trusts(client.peer)
    exchange = Exchange(
        message.method, message.target, client.peer, client.scheme, "1.0" if head.http10 else "1.1", monotonic(),
        head.host, request.origin, head.user_agent, request_id(head, from_trusted), route.name, route.mode, decision,
        action is decision,
    )  # fmt: skip
    if head.forwarded:
        if from_trusted:
            exchange.peer = original_client(client.peer, head, policy.server.trusted_proxies)
        else:
            edge.recorder.replaced_forwarding(client.peer)
    edge.recorder.begin(exchange)

    # answer | refuse
    if isinstance(action, Answer):
        answer(edge, client, message, exchange, action, action.status)
        return
    if isinstance(action, Refuse):
        if action.readable:
            answer(edge, client, message, exchange, action, action.status)
        else:
            refuse(
                edge,
                client,
                message,
                exchange,
                action,
                action.status,
                action.reason,
                names_rule(policy.site, route, action),
            )
        return

    # forward
    assert isinstance(action, Forward)
    socket = request.websocket and is_handshake(message.method, head)
    fault = _carriage_fault(message, socket or request.websocket, bounds.body_bytes)
    if fault is not None:
        refuse(edge, client, message, exchange, action, *fault, edge.debug)
        return
    to = policy.forwarding[route.index]
    pool = edge.pools[route.index]
    exchange.upstream = pool.name
    passage = ProxyExchange(client, message, exchange, bounds, pool, action, socket)
    if route.mode == "report":
        passage.expected = route, request, decision
    client.carry(passage, exchange)
    passage.start(
        request_head(
            message.method,
            action.target or message.target,
            head,
            to,
            client.peer,
            client.scheme,
            from_trusted,
            exchange.request_id,
            socket,
        )
    )


def answer(
    edge: "Edge",
    client: "ClientConnection",
    message: "Message",
    exchange: Exchange,
    action: Decision,
    status: int,
) -> None:
    """To a preflight, also where it is refused readably: the lines of the grant, and no body."""
    exchange.status = status
    own = action.grant.own + edge.own_lines(exchange)
    client.answered(exchange, answers.preflight(status, own, client.closes(message)), 0)


def refuse(
    edge: "Edge",
    client: "ClientConnection",
    message: "Message",
    exchange: Exchange,
    action: Decision,
    status: int,
    reason: Reason,
    debug: bool,
) -> None:
    """An error of the proxy's own: the grant of the decision goes with it, so that a page that may read can read it."""
    own = action.grant.own + edge.own_lines(exchange)
    rule = str(action.rule) if debug and action.rule is not None else ""
    exchange.status = status
    if reason is not action.reason:
        exchange.fault = reason
    if status in _DISTRUSTED:
        client.closing = True
    close = client.closes(message)
    whole, size = answers.problem(
        status, reason, own, close, bodiless=message.method == b"HEAD", rule=rule, debug=debug
    )
    client.answered(exchange, whole, size)


def _carriage_fault(message: "Message", socket: bool, body_bytes: int) -> tuple[int, Reason] | None:
    """What cannot be carried, although it may pass."""
    head = message.head
    if socket and head.has_body:
        # Read as a body here and as frames there (RFC 9931).
        return 400, Reason.WEBSOCKET_BODY
    if head.expect is not None and head.expect != b"100-continue" and not head.http10:
        return 417, Reason.EXPECTATION_FAILED
    if body_bytes and max(head.length, message.received) > body_bytes:
        return 413, Reason.BODY_TOO_LARGE
    if (
        message.broken is not None
    ):  # last: what is wrong with the head is seen first, where the body comes later
        return message.broken_status, message.broken
    return None
