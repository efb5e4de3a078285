"""A request's journey in one function:  read -> match -> decide -> answer | refuse | forward.

It returns what is to happen, and the client's connection does it.  What is forwarded is rewritten
and recorded when its response comes (`ProxyExchange.response`,
`ClientConnection.exchange_complete`)."""

from time import monotonic
from typing import Final

from ..cors.decision import Answer, Decision, Forward, Refuse
from ..cors.judge import judge
from ..cors.modes import names_rule
from ..cors.reason import Reason
from ..cors.request import Request
from . import answers
from .bounds import Bounds
from .context import Context
from .forwarding import request_head, request_id, rewrites_origin, without_prefix
from .proxy_exchange import ProxyExchange
from .recorder import Exchange
from .request_reader import Message
from .trace_context import is_sampled
from .tunnel import is_handshake

_DISTRUSTED: Final = (400, 417)  # after these, nothing that the client says is listened to


class Reply:
    """A request is answered by the proxy itself."""

    __slots__ = ("bounds", "close", "data", "record", "size")

    def __init__(self, record: Exchange, bounds: Bounds, data: bytes, size: int, close: bool) -> None:
        self.record, self.bounds = record, bounds
        self.data = data  # the whole response
        self.size = size  # bytes of its body
        self.close = close  # the connection ends with it


def handle(
    context: Context, peer: str, anonymous: bool, scheme: str, message: Message, closing: bool
) -> Reply | ProxyExchange:
    """What happens to a request whose head is whole: a reply to write, or an exchange to start.

    `peer`: the address at the other end of the client's connection; `anonymous`: a load balancer
    did not say whose it is; `closing`: the connection ends with this request's response."""
    policy, head = context.policy, message.head

    # read
    request = Request(message.method, message.target, head.judged)

    # match route, decide
    judged = judge(policy.site, request)
    route, decision, action = judged.route, judged.decision, judged.action

    bounds = context.bounds[route.index]
    from_trusted = context.trusts(peer) and not anonymous
    started = monotonic()
    sampler, trace = context.sampler, b""
    if sampler is not None:
        trace = sampler.lines(head.traceparent, head.tracestate, started)
    record = Exchange(
        message.method, message.target, peer, scheme, "1.0" if head.http10 else "1.1", started,
        head.host, request.origin, head.user_agent, request_id(head, from_trusted), route.name, route.mode,
        decision, action is decision, head.judged, head.traceparent, trace,
    )  # fmt: skip
    if trace and is_sampled(trace):
        record.pattern = context.patterns[route.index]
    if head.forwarded:
        if from_trusted:
            record.peer = context.client(peer, head)
        else:
            context.recorder.replaced_forwarding(peer)
    context.recorder.begin(record)

    # answer
    if isinstance(action, Answer):
        return _answer(context, record, bounds, action, action.status, closing)

    # refuse
    if isinstance(action, Refuse):
        if action.readable:
            return _answer(context, record, bounds, action, action.status, closing)
        debug = names_rule(policy.site, route, action)
        return _refuse(context, record, bounds, action, action.status, action.reason, debug, closing)

    # forward
    assert isinstance(action, Forward)
    websocket = request.websocket and is_handshake(message.method, head)
    fault = _cannot_forward(message, websocket or request.websocket, bounds.body_bytes)
    if fault is not None:
        return _refuse(context, record, bounds, action, *fault, context.debug, closing)
    to, pool = policy.forwarding[route.index], context.pools[route.index]
    record.upstream = pool.name
    target = action.target or message.target
    new_origin = rewrites_origin(to, route.mode, action)
    upstream_head = request_head(
        message.method,
        target,
        head,
        to,
        peer,
        scheme,
        from_trusted,
        record.request_id,
        websocket,
        new_origin,
        trace,
    )
    own_host = to.own_host if pool.several and not to.preserve_host else None
    exchange = ProxyExchange(message, upstream_head, record, bounds, pool, action, websocket, own_host)
    if own_host is not None:
        exchange.own_origin = new_origin and to.origin == "own"
    if to.rewrite_location:
        prefix = to.strip_prefix
        exchange.relocated = to, prefix if without_prefix(target, prefix) is not target else b""
    if route.mode == "report":
        exchange.expected = route, request, decision
    return exchange


def _answer(
    context: Context, record: Exchange, bounds: Bounds, action: Decision, status: int, close: bool
) -> Reply:
    """To a preflight, also where it is refused readably: the lines of the grant, and no body."""
    record.status = status
    own = action.grant.local_bytes + context.own_lines(record)
    return Reply(record, bounds, answers.preflight(status, own, close), 0, close)


def _refuse(
    context: Context,
    record: Exchange,
    bounds: Bounds,
    action: Decision,
    status: int,
    reason: Reason,
    debug: bool,
    close: bool,
) -> Reply:
    """An error.  The grant is in it where the decision has one: the page may then read the
    error."""
    own = action.grant.local_bytes + context.own_lines(record)
    rule = str(action.rule) if debug and action.rule is not None else ""
    record.status = status
    if reason is not action.reason:
        record.fault = reason
    close = close or status in _DISTRUSTED
    bodiless = record.method == b"HEAD"
    data, size = answers.problem(status, reason, own, close, bodiless=bodiless, rule=rule, debug=debug)
    return Reply(record, bounds, data, size, close)


def _cannot_forward(message: Message, websocket: bool, body_bytes: int) -> tuple[int, Reason] | None:
    """Status and reason, where a request that may pass cannot be forwarded."""
    head = message.head
    if websocket and head.has_body:
        # The upstream may read as frames what was read as a body here (RFC 9931).
        return 400, Reason.WEBSOCKET_BODY
    if head.expect is not None and head.expect != b"100-continue" and not head.http10:
        return 417, Reason.EXPECTATION_FAILED  # RFC 9110 10.1.1
    if body_bytes and max(head.length, message.received) > body_bytes:
        return 413, Reason.BODY_TOO_LARGE
    if message.body_error is not None:
        # Last: where the body comes in a later segment, what is wrong with the head is seen first.
        return message.body_error_status, message.body_error
    return None
