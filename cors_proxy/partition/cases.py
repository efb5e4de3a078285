"""The requests that stand for all that can lead to the routes of one meeting.

What a decision depends on is combined only where it interacts (docs/decision-table.md):

* Fetch metadata decides about requests without Origin, and where Origin is the API's own or
  `null`.  Of its many combinations, `judge` itself says which are alike.
* Row 8b takes an Origin that nothing allows for no Origin.
* A preflight passes if its method passes and each of its headers does, so one header at a time is
  asked for.
* AMP and e-mail routes have their own headers and their own query."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, get_args

from ..cors.amp_email import find
from ..cors.isolation import is_embedded
from ..cors.judge import judge
from ..cors.literals import Embed
from ..cors.names import CARRIED
from ..cors.request import Request, read
from ..cors.site import Route
from .groups import Groups, View, host_of
from .meetings import Meeting
from .side import Side

Line = tuple[bytes, bytes]
Lines = tuple[Line, ...]
_SITES: Final = (None, b"same-origin", b"none", b"same-site", b"cross-site")
_MODES: Final = (None, b"navigate", b"no-cors", b"cors")
_FRAMES: Final = (b"iframe", b"frame", b"embed", b"object")
# Without `isolate`, row 8b alone looks at mode and destination
_EMBEDDED_OR_NOT: Final = [
    (None, None),
    (b"no-cors", b"image"),
    (b"navigate", b"iframe"),
    (b"navigate", b"document"),
]
_STORAGE: Final[Line] = (b"Sec-Fetch-Storage-Access", b"inactive")
_SOCKET: Final[Lines] = ((b"Connection", b"Upgrade"), (b"Upgrade", b"websocket"))
_NO_HEADERS: Final = b"x y"  # no list of names


@dataclass(frozen=True, slots=True)
class Case:
    """A request, and the views of what it stands for; None where the request has no such value."""

    request: Request
    lines: Lines
    method: View
    origin: View | None = None
    header: View | None = None


def cases(sides: Sequence[Side], meeting: Meeting, groups: Groups) -> Iterator[Case]:
    """Every case of a meeting."""
    return _Cases(sides, meeting, groups).all()


class _Cases:
    def __init__(self, sides: Sequence[Side], meeting: Meeting, groups: Groups) -> None:
        self.sides, self.meeting, self.groups = sides, meeting, groups
        self.routes: list[Route] = [found.route for found in meeting.matches]
        self.methods = [
            (view, methods[0]) for view, methods in groups.methods.items() if methods[0] in CARRIED
        ]
        self.amp = any(route.amp_place is not None for route in self.routes)
        # Origins, each with the Host that goes with it
        self.origins = [
            (view, origin, meeting.host)
            for view, origins in groups.origins.items()
            for origin in [each for each in origins if host_of(each) != meeting.host][:1]
        ]
        self.origins += [(view, origin, host_of(origin)) for view, origin in groups.own.items()]

    def all(self) -> Iterator[Case]:
        yield from self._refused_anyway(((b"Sec-Fetch-Site", b"none"), (b"Sec-Fetch-Site", b"none")))
        ambiguous = all(found.fault is not None for found in self.meeting.matches)
        if ambiguous or not any(allowed for allowed, _ in self.meeting.view):
            yield from self._refused_anyway(())
            return
        for view, method in self.methods:
            situations = list(self._situations(method))
            for lines, socket in product(situations, (False, True)):
                yield self._case(method, view, lines, socket=socket)
            yield from self._with_origin(view, method, situations)
        yield from self._preflights()
        if self.amp:
            yield from self._amp()

    def _refused_anyway(self, lines: Lines) -> Iterator[Case]:
        """Rows 1 and 421, which look neither at the origin nor at the method: a request of each
        kind."""
        asked = next(iter(self.groups.methods.items()))
        ask: Line = (b"Access-Control-Request-Method", asked[1][0])
        gets = [method == b"GET" for _, method in self.methods]  # the others open no socket
        for kind in dict.fromkeys(gets):
            view, method = self.methods[gets.index(kind)]
            for origin, socket in product((None, *self.origins[:1]), (False, True)):
                yield self._case(method, view, lines, origin, socket)
        yield self._case(b"OPTIONS", asked[0], (*lines, ask), self.origins[0])

    def _case(
        self,
        method: bytes,
        view: View,
        lines: Iterable[Line],
        origin: tuple[View, bytes, bytes] | None = None,
        socket: bool = False,
        query: bytes = b"",
        header: View | None = None,
    ) -> Case:
        host = self.meeting.host if origin is None else origin[2]
        head: Lines = ((b"Host", host), *(((b"Origin", origin[1]),) if origin else ()))
        whole = (*head, *(_SOCKET if socket else ()), *lines)
        request = read(method, self.meeting.path + query, whole)
        return Case(request, whole, view, None if origin is None else origin[0], header)

    def _situations(self, method: bytes) -> Iterator[Lines]:
        """Fetch metadata: one of each group that the routes judge alike, without Origin."""
        seen = set()
        for lines in self._metadata():
            request = read(method, self.meeting.path, ((b"Host", self.meeting.host), *lines))
            actions = [judge(side.site, request).action for side in self.sides]
            key = (
                *((type(action), action.reason, id(action.grant)) for action in actions),
                is_embedded(read(method, b"/", (*lines, _STORAGE))),
                dict(lines).get(b"Sec-Fetch-Site") == b"same-origin",
            )
            if key not in seen:
                seen.add(key)
                yield lines

    def _metadata(self) -> Iterator[Lines]:
        isolated = [route for route in self.routes if not route.hands_off and _isolates(route)]
        modes = list(product(_MODES, self._destinations(isolated))) if isolated else _EMBEDDED_OR_NOT
        purposes = (False, True) if isolated else (False,)
        for site, (mode, dest), purpose in product(_SITES, modes, purposes):
            lines = ((b"Sec-Fetch-Site", site), (b"Sec-Fetch-Mode", mode), (b"Sec-Fetch-Dest", dest))
            found = tuple((name, value) for name, value in lines if value is not None)
            yield (*found, (b"Sec-Purpose", b"prefetch")) if purpose else found

    def _destinations(self, isolated: list[Route]) -> list[bytes | None]:
        """Those that a route lists, and one of each kind that none lists."""
        embeds = {dest for route in isolated for dest in route.embeds}
        others = [word.encode("ascii") for word in get_args(Embed)]
        dests: list[bytes | None] = [None, b"document", b"empty", *sorted(embeds)]
        dests += [dest for dest in _FRAMES if dest not in embeds][:1]
        return dests + [dest for dest in others if dest not in embeds and dest not in _FRAMES][:1]

    def _with_origin(self, view: View, method: bytes, situations: list[Lines]) -> Iterator[Case]:
        for origin in self.origins:
            for site in self._sites(origin):
                said: Lines = () if site is None else ((b"Sec-Fetch-Site", site),)
                for socket in (False, True):
                    yield self._case(method, view, said, origin, socket)
            for lines in situations:
                yield self._case(method, view, (*lines, _STORAGE), origin)

    def _sites(self, origin: tuple[View, bytes, bytes]) -> tuple[bytes | None, ...]:
        equal = host_of(origin[1]) == origin[2]
        return (None, b"same-origin", b"cross-site") if equal else (None, b"same-origin")

    def _preflights(self) -> Iterator[Case]:
        asked = [(view, methods[0]) for view, methods in self.groups.methods.items()]
        names = [(view, names[0]) for view, names in self.groups.headers.items()]
        for origin, (view, method) in product(self.origins, asked):
            ask: Line = (b"Access-Control-Request-Method", method)
            equal = host_of(origin[1]) == origin[2]
            for site in self._sites(origin):
                said: Lines = (ask,) if site is None else (ask, (b"Sec-Fetch-Site", site))
                yield self._case(b"OPTIONS", view, said, origin)
                if site is not None and not equal:
                    continue  # the same as without: it is not the API's own origin
                network: Line = (b"Access-Control-Request-Private-Network", b"true")
                yield self._case(b"OPTIONS", view, (*said, network), origin)
                for header, name in (*names, (("malformed",), _NO_HEADERS)):
                    lines = (*said, (b"Access-Control-Request-Headers", name))
                    yield self._case(b"OPTIONS", view, lines, origin, header=header)

    def _amp(self) -> Iterator[Case]:
        """Rows 2c and 10 of websites' pages, row 3b of mails."""
        if any(route.amp is not None for route in self.routes):
            yield from self._amp_pages()
        if any(route.email is not None for route in self.routes):
            yield from self._amp_mails()

    def _amp_pages(self) -> Iterator[Case]:
        queries = (b"", *map(_query, self._sources()), _query(b"a") + b"&__amp_source_origin=b")
        null = [origin for origin in self.origins if origin[1] == b"null"]
        said: list[Lines] = [(), ((b"AMP-Same-Origin", b"true"),), ((b"AMP-Same-Origin", b"false"),)]
        for (view, method), query in product(self.methods, queries):
            for origin, lines, site in product((None, *null), said, (None, b"same-origin", b"cross-site")):
                more: Lines = () if site is None else ((b"Sec-Fetch-Site", site),)
                yield self._case(method, view, (*lines, *more), origin, query=query)
            for origin in self.origins:
                for site in self._sites(origin):
                    more = () if site is None else ((b"Sec-Fetch-Site", site),)
                    yield self._case(method, view, more, origin, query=query)
            yield self._case(method, view, said[1], socket=True, query=query)

    def _amp_mails(self) -> Iterator[Case]:
        senders = self._senders()
        queries = (b"", *map(_query, senders), _query(b"a") + b"&__amp_source_origin=b")
        for (view, method), origin in product(self.methods, (None, *self.origins)):
            for query in queries:
                for site in (None, b"same-origin"):
                    more: Lines = () if site is None else ((b"Sec-Fetch-Site", site),)
                    yield self._case(method, view, more, origin, query=query)
            for sender in senders:
                yield self._case(method, view, ((b"AMP-Email-Sender", sender),), origin)

    def _sources(self) -> list[bytes]:
        """Publishers, one of each view, and none."""
        amps = [route.amp for route in self.routes]
        named = sorted({name for amp in amps if amp is not None for name in amp.names})
        seen: dict[View, bytes] = {}
        for name in (*named, b"https://foreign.invalid"):
            seen.setdefault(tuple(amp is not None and name in amp.names for amp in amps), name)
        return list(seen.values())

    def _senders(self) -> list[bytes]:
        """E-mail senders, one of each view, and none."""
        emails = [route.email for route in self.routes]
        if not any(emails):
            return []
        named = [
            sender
            for email in emails
            if email is not None
            for sender in (
                *(b"%b@%b" % address for address in email.addresses),
                *(b"anybody@%b" % domain for _, domain in email.addresses),
                *(b"anybody@%b" % domain for domain in email.domains),
            )
        ]
        seen: dict[View, bytes] = {}
        for sender in (*named, b"anybody@foreign.invalid"):
            seen.setdefault(
                tuple(email is not None and find(email, sender) is not None for email in emails), sender
            )
        return [*seen.values(), b"*@foreign.invalid"]


def _isolates(route: Route) -> bool:
    return route.cors.without_origin == "isolate"


def _query(source: bytes) -> bytes:
    return b"?__amp_source_origin=" + source
