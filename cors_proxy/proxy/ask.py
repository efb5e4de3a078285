"""The decision listener: another engine carries the requests, and asks about each of them here.

The decision is the one that the proxy itself would make (`judge`).  The response says what the
engine is to do.  Nothing is forwarded, and no body is read."""

import ssl
from typing import Final

from ..cors.decision import Forward, Grant
from ..cors.reason import Reason
from ..cors.response import removed_names
from ..policy.model import Decide, Policy
from . import answers
from .ask_head import asked
from .ask_verdict import problem, verdict
from .bounds import Bounds
from .client import ClientConnection
from .context import Context
from .journey import Reply
from .pool import Pool
from .proxy_exchange import ProxyExchange
from .request_head import HeadError
from .request_reader import Message

_DECISION: Final = b"CORS-Proxy-Decision: %b\r\n"
_CLOSE: Final = b"Connection: close\r\n"


class AskContext(Context):
    """Asks come over plain HTTP, from the networks in `decide.trust`."""

    def update(
        self, policy: Policy, pools: list[Pool], bounds: list[Bounds], tls: ssl.SSLContext | None
    ) -> None:
        super().update(policy, pools, bounds, tls)
        self.proxy_protocol, self.proxy_protocol_unix = (), False
        # Without `decide` nobody may ask.
        self.trusted_networks = () if policy.decide is None else policy.decide.trust
        self.between_networks = self.trusted_networks + policy.server.trusted_proxies


class AskConnection(ClientConnection):
    """A connection of an engine."""

    def _start(self, message: Message) -> None:
        try:
            super()._start(message)
        except HeadError as bad:
            self._refuse_head(bad)

    def _handle(self, message: Message) -> Reply | ProxyExchange:
        decide = self._context.policy.decide
        if decide is None or not self._context.trusts(self.peer):
            raise _not_trusted()
        # What an engine announces it does not send.  If it sends something nevertheless, it must
        # not be read as an ask.
        closing = message.head.has_body or self._last(message)
        return answer(self._context, decide, self.peer, self.scheme, message, closing)

    def _refuse_head(self, bad: HeadError) -> None:
        super()._refuse_head(bad if self._context.trusts(self.peer) else _not_trusted())

    def _problem(self, bad: HeadError) -> bytes:
        own, bodiless = _DECISION % b"refuse" + self._context.date_line, bad.method == b"HEAD"
        data = answers.problem(bad.status, bad.reason, own, True, bodiless=bodiless)[0]
        decide = self._context.policy.decide
        if decide is None or decide.dialect == "mirror" or bad.reason is Reason.ASK_MALFORMED:
            return data
        return _as_403(data, bad.status)


def _not_trusted() -> HeadError:
    return HeadError(403, Reason.ASK_NOT_TRUSTED, "an address that is not in decide.trust")


def answer(
    context: Context, decide: Decide, peer: str, scheme: str, message: Message, closing: bool
) -> Reply:
    """The response to an ask.  Raises HeadError."""
    head = message.head
    found = verdict(context, asked(decide, message, scheme), head, peer, "1.0" if head.http10 else "1.1")
    record, bounds, action = found.record, found.bounds, found.action
    own = context.own_lines(record)
    mirrored = decide.dialect == "mirror"
    if isinstance(action, Forward):
        record.status = 200
        return Reply(record, bounds, _forward(action, own, closing), 0, closing)
    own = _DECISION % found.word + action.grant.local_bytes + own
    status = found.status
    if found.preflight:
        # An engine takes 200 for `forward`.
        record.status = 204 if mirrored else status
        data = answers.preflight(204 if mirrored else 403, own, closing)
        return Reply(record, bounds, data if mirrored else _as_403(data, status), 0, closing)
    record.status = status
    data, size = problem(context, found, own, closing, message.method == b"HEAD")
    return Reply(record, bounds, data if mirrored else _as_403(data, status), size, closing)


def _forward(action: Forward, own: bytes, closing: bool) -> bytes:
    """The engine is to forward the request, to remove these lines from the response, and to add the
    grant to it."""
    grant = action.grant
    return b"".join(
        (
            b"HTTP/1.1 200 OK\r\n",
            _DECISION % b"forward",
            _treatment(grant),
            b"" if action.target is None else b"CORS-Proxy-Target: %b\r\n" % action.target,
            grant.forwarded_bytes,
            own,
            b"Content-Length: 0\r\n",
            _CLOSE if closing else b"",
            b"\r\n",
        )
    )


def _treatment(grant: Grant) -> bytes:
    """What is to be done with the lines of the API's response, beside adding the grant."""
    if grant.hands_off:
        return b"CORS-Proxy-Hands-Off: true\r\n"
    remove = b"CORS-Proxy-Remove: %b\r\n" % b", ".join(removed_names(grant))
    return remove + b"CORS-Proxy-Expose-All: true\r\n" if grant.expose_all else remove


def _as_403(data: bytes, status: int) -> bytes:
    """The same response for engines that take any 2xx for yes, and know no refusal but 401 and 403.

    nginx reads the head of an answer alone, so its body is there too."""
    head, end, body = data.partition(b"\r\n\r\n")
    problem = b"\r\nCORS-Proxy-Problem: %b" % body.rstrip(b"\n") if body else b""
    lines = head[head.index(b"\r\n") :]
    return b"".join((b"HTTP/1.1 403 Forbidden\r\nCORS-Proxy-Status: %d" % status, problem, lines, end, body))
