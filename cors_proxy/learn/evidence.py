"""What the records show, counted by endpoint.  Memory is bounded, whatever they hold."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final

from ..cors.hosts import valid
from ..cors.names import METHODS
from ..cors.origin import parse_origin
from .openapi import Operation, Templates
from .paths import Template, example, template
from .seen import Asked, Granted, Seen
from .tally import Endpoint, Form, Span, Tally
from .verdict import PROBED_STATUSES, Verdict, passes_preflight, verdict

MAX_ENDPOINTS: Final = 20_000
MAX_ORIGINS: Final = 1_000  # of one endpoint, and of the lists
MAX_TALLIES: Final = 200_000  # of all endpoints together
MAX_REFUSALS: Final = 64  # of one endpoint
MAX_NAMES: Final = 64  # of one tally
MAX_ASKED: Final = 128  # as the proxy itself bounds them
MAX_HOSTS: Final = 64
MAX_TEXT: Final = 32 << 20  # characters of all header names together
_LISTABLE: Final = METHODS | {"*"}


class Evidence:
    """Filled by `add`, a record at a time."""

    def __init__(
        self,
        refusal_statuses: Collection[int] = (),
        own: Collection[str] = (),
        operations: Sequence[Operation] = (),
    ) -> None:
        self.endpoints: dict[tuple[str, Template], Endpoint] = {}
        self.unknown: dict[str, Span] = {}  # origins of which the records do not tell the outcome
        self.malformed_origins = 0
        self.own = 0
        self.odd_paths = 0
        self.without_origin = 0
        self.requests = 0
        self.absent = 0
        self.beyond_bounds = 0
        self.refused_to_probe: set[str] = set()  # origins
        self.sockets: dict[str, Span] = {}  # origins of handshakes that succeeded
        self._statuses = frozenset(refusal_statuses)
        self._own = frozenset(own)
        self._templates = Templates(operations)
        self._tallies = 0
        self._room = MAX_TEXT
        self._hosts: set[str] = set()

    def add(self, seen: Seen) -> None:
        self.requests += seen.count
        host = seen.host.lower()
        if seen.origin is None:
            self.without_origin += seen.count
            return
        if seen.origin in self._own or (host and seen.origin.partition("://")[2] == host):
            self.own += seen.count
            self._own_socket(seen, host)
            return
        origin = seen.origin
        if seen.asked is not None and len(seen.asked.headers) > MAX_ASKED:
            self.beyond_bounds += 1
            return
        if origin != "null" and not _is_origin(origin):
            self.malformed_origins += seen.count
            return
        if seen.websocket:
            self._span(self.sockets, origin, seen, MAX_ORIGINS)
            self._own_socket(seen, host)
            return
        found = verdict(seen, PROBED_STATUSES if seen.probed else self._statuses)
        if found is Verdict.UNKNOWN or seen.granted is None:
            self._span(self.unknown, origin, seen, MAX_ORIGINS)
            self._wait(host, origin, seen)
            return
        if found is Verdict.ABSENT:
            self.absent += seen.count
            return
        endpoint = self._endpoint(host, seen.path)
        if endpoint is None:
            return
        if found is Verdict.ANYONE:
            endpoint.anyone += seen.count
        elif found is Verdict.MAYBE_REFUSED:
            self._span(endpoint.maybe_refused, origin, seen, MAX_REFUSALS)
        elif found is Verdict.REFUSED:
            self._refuse(endpoint, origin, seen, seen.granted)
        else:
            self._grant(endpoint, origin, seen, seen.granted)

    def _own_socket(self, seen: Seen, host: str) -> None:
        if seen.websocket and seen.status == 101:
            endpoint = self._endpoint(host, seen.path)
            if endpoint is not None:
                endpoint.sockets += seen.count

    def _endpoint(self, host: str, path: str) -> Endpoint | None:
        parts = template(path)
        if parts is None or (host and not valid(host.encode("utf-8", "replace"))):
            self.odd_paths += 1
            return None
        documented = self._templates.find(path)
        if documented is not None:
            parts = documented
        endpoint = self.endpoints.get((host, parts))
        if endpoint is None:
            if len(self.endpoints) >= MAX_ENDPOINTS or (
                host not in self._hosts and len(self._hosts) >= MAX_HOSTS
            ):
                self.beyond_bounds += 1
                return None
            self._hosts.add(host)
            endpoint = self.endpoints[host, parts] = Endpoint(host, parts, sample=path)
            endpoint.documented = documented is not None
        return endpoint

    def _span(self, spans: dict[str, Span], origin: str, seen: Seen, bound: int = MAX_ORIGINS) -> Span | None:
        span = spans.get(origin)
        if span is None:
            if len(spans) >= bound:
                self.beyond_bounds += 1
                return None
            span = spans[origin] = Span()
        if not seen.probed:
            span.add(seen.time, seen.count, seen.last)
        return span

    def _refuse(self, endpoint: Endpoint, origin: str, seen: Seen, granted: Granted) -> None:
        if self._span(endpoint.refused, origin, seen, MAX_REFUSALS) is None:
            return
        if granted.origin:
            endpoint.named_another.add(origin)
        forms, found = endpoint.refused_forms.setdefault(origin, set()), form(seen)
        if found not in forms and len(forms) < MAX_NAMES and self._fits(found[2]):
            forms.add(found)

    def _grant(self, endpoint: Endpoint, origin: str, seen: Seen, granted: Granted) -> None:
        tally = self._tally(endpoint.granted, origin, seen)
        if tally is None:
            return
        if seen.probed:
            tally.probes += 1
        else:
            tally.span.add(seen.time, seen.count, seen.last)
        tally.with_credentials += granted.credentials * seen.count
        if seen.asked is not None:
            if not passes_preflight(seen):
                tally.failed_preflights += seen.count
                return
            tally.preflights += seen.count
            if not seen.probed:
                self._count(tally.headers, seen.asked.headers, seen.count)
            names = frozenset(seen.asked.headers)
            if names not in tally.asked and len(tally.asked) < MAX_NAMES and self._fits(names):
                tally.asked.add(names)
            endpoint.listed.setdefault(origin, set()).update(_LISTABLE & set(granted.methods))
            return
        tally.requests += 0 if seen.probed else seen.count
        self._count(tally.expose, granted.expose, seen.count)
        if seen.cookie is not None:
            tally.cookies_known = True
            tally.cookies += seen.cookie * seen.count
        if seen.sent is not None:
            tally.by_browser = True
            self._count(tally.headers, seen.sent, seen.count)

    def _tally(self, into: dict[str, dict[str, Tally]], origin: str, seen: Seen) -> Tally | None:
        method = seen.method if seen.asked is None else seen.asked.method
        if method not in METHODS:  # any other one cannot be carried
            return None
        tallies = into.setdefault(method, {})
        tally = tallies.get(origin)
        if tally is None:
            if self._tallies >= MAX_TALLIES or len(tallies) >= MAX_ORIGINS:
                self.beyond_bounds += 1
                return None
            self._tallies += 1
            tally = tallies[origin] = Tally()
        return tally

    def _wait(self, host: str, origin: str, seen: Seen) -> None:
        """For the probe: what was used, if there is something at its path."""
        options = seen.method == "OPTIONS" and seen.asked is None
        if not 200 <= seen.status <= 403 or options or seen.granted is not None:
            return
        endpoint = self._endpoint(host, seen.path)
        tally = None if endpoint is None else self._tally(endpoint.pending, origin, seen)
        if tally is None:
            return
        tally.span.add(seen.time, seen.count, seen.last)
        if seen.cookie is not None:
            tally.cookies_known = True
            tally.cookies += seen.cookie * seen.count
        if seen.asked is None:
            tally.requests += seen.count
        else:
            self._count(tally.headers, seen.asked.headers, seen.count)

    def expect(self, operation: Operation, origin: str) -> None:
        """A person says that pages of this origin may call it: something for the probe to ask."""
        endpoint = self._endpoint("", example(operation.parts))
        asked = Asked(operation.method, operation.headers)
        seen = Seen("OPTIONS", "", origin, asked=asked)
        tally = None if endpoint is None else self._tally(endpoint.pending, origin, seen)
        if tally is not None:
            for name in operation.headers:
                tally.headers.setdefault(name, 0)

    def confirm(self, endpoint: Endpoint, method: str, origin: str, names: Collection[str]) -> None:
        """The probe was granted what waits, with these headers: now its use counts."""
        waiting = endpoint.pending.get(method, {}).pop(origin, None)
        granted = endpoint.granted.get(method, {}).get(origin)
        if waiting is not None and granted is not None:
            waiting.headers = {name: count for name, count in waiting.headers.items() if name in names}
            granted.join(waiting)

    def _count(self, counts: dict[str, int], names: Collection[str], count: int) -> None:
        for name in names:
            if name in counts:
                counts[name] += count
            elif len(counts) < MAX_NAMES and self._fits((name,)):
                counts[name] = count

    def _fits(self, names: Collection[str]) -> bool:
        """Whether there is room for these names, which is then taken."""
        size = sum(map(len, names))
        if size > self._room:
            self.beyond_bounds += 1
            return False
        self._room -= size
        return True


@lru_cache(4096)
def _is_origin(text: str) -> bool:
    """Whether a policy can name it: a browser sends no other."""
    found = parse_origin(text.encode("utf-8", "replace"))
    return found is not None and found.host.lower() == found.host


def form(seen: Seen) -> Form:
    if seen.asked is not None:
        return "preflight", seen.asked.method, frozenset(seen.asked.headers)
    return "request", seen.method, frozenset()
