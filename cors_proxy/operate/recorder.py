"""What the data path reports becomes counts and log lines here (implements `proxy.recorder.Recorder`)."""

from collections.abc import Callable
from typing import Final

from ..cors.decision import Answer, Refuse
from ..cors.escape import LIMIT, escaped
from ..cors.reason import Reason
from ..proxy.recorder import Exchange
from ..proxy.request_head import HeadError
from .access_log import Format, chosen, verdict
from .counters import CODES, Counters, Gauges
from .events import Events
from .stream import Stream
from .token_bucket import TokenBucket

REFUSED_RATE: Final = 100.0  # access lines a second for requests that never reached the upstream
REFUSED_BURST: Final = 2000.0
PEERS: Final = 1000  # addresses that are remembered as named

_ABORTED: Final = frozenset({Reason.CLIENT_GONE, Reason.CLIENT_STALLED})
_FAILED: Final = frozenset(reason for reason in Reason if reason.value.startswith("upstream-")) | {
    Reason.INTERNAL_ERROR
}


def outcome(exchange: Exchange) -> str:
    """What became of a request: a closed set."""
    fault = exchange.fault
    if fault is None:
        decision = type(exchange.decision)
        if decision is Answer:
            return "answered" if exchange.enforced else "forwarded"
        return "refused" if decision is Refuse and exchange.enforced else "forwarded"
    if fault in _ABORTED:
        return "aborted"
    return "failed" if fault in _FAILED else "refused"


def _bounded(value: bytes) -> str:
    """For an event, whose JSON escapes the rest."""
    return value[:LIMIT].decode("utf-8", "backslashreplace")


class Recorder:
    """Counts into `counters` and `gauges`, writes access lines to `access` and what is out of the ordinary to `events`."""

    def __init__(self, access: Stream, events: Events, access_log: str) -> None:
        self.counters = Counters()
        self.gauges = Gauges()
        self._access = access
        self._events = events
        self._format: Format | None = chosen(access_log)
        self._refused = TokenBucket(REFUSED_RATE, REFUSED_BURST)
        self._named: set[str] = set()
        self._dropped = 0
        self.watchers: list[
            Callable[[Exchange], None]
        ] = []  # the admin page's, while somebody looks; the demo's

    def configure(self, access_log: str) -> None:
        """A reload's `server.access_log`."""
        self._format = chosen(access_log)

    def take(self) -> Counters:
        """What was counted since it was last taken: for a worker, whose supervisor keeps the sum."""
        self.note_dropped()
        counters, self.counters = self.counters, Counters()
        return counters

    def note_dropped(self) -> None:
        """Count the lines that the access log's stream lost."""
        if fresh := self._access.dropped - self._dropped:
            self.counters.dropped["stdout",] += fresh
            self._dropped += fresh

    def begin(self, exchange: Exchange) -> None:
        self.gauges.in_flight += 1

    def end(self, exchange: Exchange) -> None:
        self.gauges.in_flight -= 1
        counters, decision = self.counters, exchange.decision
        what = outcome(exchange)
        counters.requests[exchange.route, what, CODES.get(exchange.status, "other")] += 1
        if decision is not None:
            key = (
                exchange.route,
                decision.kind,
                verdict(decision),
                decision.reason._value_,
                exchange.mode or "off",
            )
            counters.decisions[key] += 1
        if exchange.difference is not None:
            counters.differences[exchange.route, exchange.difference._value_] += 1
        counters.durations.add(exchange.ended - exchange.started)
        if exchange.upstream_seconds is not None:
            counters.upstream.add(exchange.upstream_seconds)
        for watcher in self.watchers:
            watcher(exchange)
        if self._format is not None:
            if what == "refused" and not self._refused.take(exchange.ended):
                counters.dropped["refused",] += 1
                return
            self._access.write(self._format(exchange))

    def malformed(self, peer: str, bad: HeadError) -> None:
        self.counters.malformed[bad.reason.value,] += 1
        self.counters.requests["", "refused", CODES.get(bad.status, "other")] += 1
        fields: dict[str, object] = {
            "client.address": escaped(peer.encode()),
            "error.type": bad.reason.value,
            "http.response.status_code": bad.status,
        }
        if bad.detail:
            fields["error.detail"] = bad.detail
        if bad.method:
            fields["http.request.method"] = _bounded(bad.method)
        if bad.path:
            fields["url.path"] = _bounded(bad.path)
        self._events.warn("malformed-request", "bytes that are no request", **fields)

    def replaced_forwarding(self, peer: str) -> None:
        if peer in self._named or len(self._named) >= PEERS:
            return
        self._named.add(peer)
        self._events.warn(
            "forwarding-replaced",
            "X-Forwarded-* of a peer that is not trusted were replaced; if it is your own proxy, name it in server.trusted_proxies",
            **{"client.address": escaped(peer.encode())},
        )

    def connections(self, change: int) -> None:
        self.gauges.connections += change

    def failure(self, error: BaseException) -> None:
        self.counters.failures += 1
        self._events.failure(error)
