"""Turns reports of the data path into counts, access lines and events."""

from collections import deque
from collections.abc import Callable
from typing import Final

from ..cors.decision import Answer, Grant, Refuse
from ..cors.escape import LIMIT, escaped
from ..cors.reason import Reason
from ..cors.request import JudgedHeaders
from ..cors.request_headers import MAX_BYTES
from ..proxy.recorder import Exchange
from ..proxy.request_head import HeadError
from ..proxy.token_bucket import TokenBucket
from .access_log import Formatter, decision_label, formatter
from .counters import CODES, Counters, Gauges, Labels, Tally
from .events import Events
from .stream import Stream

REFUSED_RATE: Final = 100.0  # access lines per second for requests that never reached the upstream
REFUSED_BURST: Final = 2000.0  # lines
MAX_REPORTED_PEERS: Final = 1000  # addresses to remember
MAX_REFUSALS: Final = 200  # the newest ones are kept for the admin page

_ABORTED: Final = frozenset({Reason.CLIENT_GONE, Reason.CLIENT_STALLED})
_FAILED: Final = frozenset(reason for reason in Reason if reason.value.startswith("upstream-")) | {
    Reason.INTERNAL_ERROR
}
_NO_GRANT: Final = Grant()


def outcome(exchange: Exchange) -> str:
    """The `outcome` label of a request: answered, forwarded, refused, failed or aborted."""
    fault = exchange.fault
    if fault is None:
        decision = type(exchange.decision)
        if decision is Answer:
            return "answered" if exchange.enforced else "forwarded"
        return "refused" if decision is Refuse and exchange.enforced else "forwarded"
    if fault in _ABORTED:
        return "aborted"
    return "failed" if fault in _FAILED else "refused"


def kept(exchange: Exchange, refusal: Refuse) -> Exchange:
    """What the admin page shows of a refusal: a query holds tokens, and a head may be large."""
    preflight = refusal.kind == "preflight"
    origin = exchange.origin
    found = Exchange(
        exchange.method[:LIMIT],
        exchange.target.partition(b"?")[0][:LIMIT],
        "",
        exchange.scheme,
        "",
        exchange.started,
        exchange.host[:LIMIT],
        None if origin is None else origin[:LIMIT],
        route=exchange.route,
        mode=exchange.mode,
        decision=_without_request(refusal),
        enforced=exchange.enforced,
        judged=_asked(exchange.judged) if preflight and exchange.judged is not None else None,
    )
    found.difference, found.fault = exchange.difference, exchange.fault
    found.status, found.ended = exchange.status, exchange.ended
    return found


def _without_request(refusal: Refuse) -> Refuse:
    """Its `target` has the query, and a method has any length.

    Most have neither.  They are kept as they are: to make another one costs as much as to decide."""
    detail = refusal.detail
    if refusal.target is None and not refusal.refused and (detail is None or len(detail) <= LIMIT):
        return refusal
    return Refuse(
        refusal.reason,
        refusal.kind,
        refusal.rule,
        _NO_GRANT,
        None if detail is None else detail[:LIMIT],
        hint=refusal.hint,
        refused=tuple([name[:LIMIT] for name in refusal.refused]),
    )


def _asked(judged: JudgedHeaders) -> JudgedHeaders:
    """A list that is too long stays too long, so that it is explained as what it was."""
    names = b",".join(judged.acrh)
    return JudgedHeaders(
        acrm=None if judged.acrm is None else judged.acrm[:LIMIT],
        acrh=(names[: MAX_BYTES + 1],) if names else (),
        acrpn=b"true" if judged.acrpn == b"true" else None,
    )


def _truncated(value: bytes) -> str:
    """For an event, whose JSON escapes control characters."""
    return value[:LIMIT].decode("utf-8", "backslashreplace")


class Recorder:
    """Implements `proxy.recorder.Recorder`.

    Access lines go to `access`, and events about malformed requests, X-Forwarded-* and bugs to
    `events`.  Each of `observers` is called with each finished exchange.
    """

    def __init__(self, access: Stream, events: Events, access_log: str, coloured: bool = False) -> None:
        self._counters = Counters()
        self._tallies: dict[Labels, Tally] = {}  # what is not in `_counters` yet
        self.gauges = Gauges()
        self._access = access
        self._events = events
        self._coloured = coloured  # the text lines, for a terminal
        self._format: Formatter | None = formatter(access_log, coloured)
        self._refused_lines = TokenBucket(REFUSED_RATE, REFUSED_BURST)
        self._reported_peers: set[str] = set()
        self._dropped_lines = 0  # of `access`, as far as they are counted
        # Also those that the mode let pass.
        self._refusals: deque[Exchange] = deque(maxlen=MAX_REFUSALS)
        self.observers: list[Callable[[Exchange], None]] = []
        self.spans: Callable[[Exchange], None] | None = None  # for sampled exchanges alone
        self.observe: Callable[[Exchange], None] | None = None  # for those under `mode: report`

    def configure(self, access_log: str) -> None:
        """Set the format of the access log: a value of `server.access_log`."""
        self._format = formatter(access_log, self._coloured)

    @property
    def counters(self) -> Counters:
        """The counts up to now."""
        self._counters.add(self._tallies)
        self._tallies.clear()
        return self._counters

    def take_counters(self) -> Counters:
        """The counts since the last call.  A worker's supervisor adds them up."""
        self.count_dropped_lines()
        counters, self._counters = self.counters, Counters()
        return counters

    def take_refusals(self) -> list[Exchange]:
        """The newest `MAX_REFUSALS` since the last call, oldest first."""
        refusals = list(self._refusals)
        self._refusals.clear()
        return refusals

    def count_dropped_lines(self) -> None:
        """Count the lines that the stream of the access log has dropped since the last call."""
        if dropped := self._access.dropped - self._dropped_lines:
            self._counters.dropped["stdout",] += dropped
            self._dropped_lines += dropped

    def begin(self, exchange: Exchange) -> None:
        self.gauges.in_flight += 1

    def end(self, exchange: Exchange) -> None:
        self.gauges.in_flight -= 1
        counters, decision = self._counters, exchange.decision
        result = outcome(exchange)
        kind = label = reason = ""
        if decision is not None:
            kind, label, reason = decision.kind, decision_label(decision), decision.reason._value_
            if type(decision) is Refuse:
                self._refusals.append(kept(exchange, decision))
        code = CODES.get(exchange.status, "other")
        labels = (exchange.route, result, code, kind, label, reason, exchange.mode or "off")
        tally = self._tallies.get(labels)
        if tally is None:
            tally = self._tallies[labels] = Tally()
        tally.count += 1
        if exchange.difference is not None:
            counters.differences[exchange.route, exchange.difference._value_] += 1
        if exchange.detail:
            self._upstream_failed(exchange)
        counters.durations.add(exchange.ended - exchange.started)
        if exchange.upstream_seconds is not None:
            counters.upstream.add(exchange.upstream_seconds)
        for observe in self.observers:
            observe(exchange)
        if exchange.pattern and self.spans is not None:
            self.spans(exchange)
        if exchange.upstream_lines is not None and self.observe is not None:
            self.observe(exchange)
        if self._format is not None:
            if result == "refused" and not self._refused_lines.take(exchange.ended):
                counters.dropped["refused",] += 1
                return
            self._access.write(self._format(exchange))

    def _upstream_failed(self, exchange: Exchange) -> None:
        """A request failed.  The log of the requests may be off."""
        self._events.warn(
            "upstream-failed",
            "a request failed at the upstream",
            **{
                "upstream": exchange.upstream,
                "http.route": exchange.route,
                "http.response.status_code": exchange.status,
                "error.type": exchange.fault.value if exchange.fault is not None else "",
                "error.detail": exchange.detail,
            },
        )

    def upstream_fault(self, upstream: str, address: str, detail: str) -> None:
        message = "an address takes no connection: others are used" if address else "a name has no address"
        self._events.warn(
            "upstream-address-out" if address else "upstream-unresolved",
            message,
            **{"upstream": upstream, "error.detail": detail},
        )

    def span_dropped(self, reason: str, count: int = 1) -> None:
        self._counters.spans_dropped[reason,] += count

    def spans_not_sent(self, detail: str) -> None:
        """Of `server.tracing`: what the exporter says."""
        self._events.warn(
            "spans-not-sent", "spans were not sent to the collector", **{"error.detail": detail}
        )

    def malformed(self, peer: str, bad: HeadError) -> None:
        self._counters.malformed[bad.reason.value,] += 1
        self._counters.requests["", "refused", CODES.get(bad.status, "other")] += 1
        if bad.reason is Reason.ASTERISK_FORM:
            return  # well-formed, and what health checks send (`cli.healthcheck`, HAProxy)
        fields: dict[str, object] = {
            "client.address": escaped(peer.encode()),
            "error.type": bad.reason.value,
            "http.response.status_code": bad.status,
        }
        if bad.detail:
            fields["error.detail"] = bad.detail
        if bad.method:
            fields["http.request.method"] = _truncated(bad.method)
        if bad.path:
            fields["url.path"] = _truncated(bad.path)
        self._events.warn("malformed-request", "malformed request", **fields)

    def replaced_forwarding(self, peer: str) -> None:
        if peer in self._reported_peers or len(self._reported_peers) >= MAX_REPORTED_PEERS:
            return
        self._reported_peers.add(peer)
        self._events.warn(
            "forwarding-replaced",
            "replaced X-Forwarded-* of an untrusted peer;"
            " if it is your own proxy, add it to server.trusted_proxies",
            **{"client.address": escaped(peer.encode())},
        )

    def connections(self, change: int) -> None:
        self.gauges.connections += change

    def failure(self, error: BaseException) -> None:
        self._counters.failures += 1
        self._events.failure(error)
