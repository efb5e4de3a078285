"""Assertions about a policy: what must never be possible, and what always.

An assertion speaks of requests by what the proxy takes them for.  An Origin is one that a page of
another site sends: the API's own pages are not meant, nor are requests that are judged as if they
had no Origin (rows 8 and 8b); `origin: none` means those.  `never` counts a path that only another
reading takes for the named one; `always` does not, and it leaves out what is refused as ambiguous
or for its Host."""

from dataclasses import dataclass
from typing import Final, Literal

from ..cors import feeds, request_headers
from ..cors.hosts import HostList
from ..cors.judge import Judgement
from ..cors.names import SAFELISTED_METHODS
from ..cors.origins import OriginSet
from ..cors.place import Place
from ..cors.reason import Reason
from ..cors.request import Request
from ..cors.site import Route
from ..cors.spec import OriginRule, RouteSpec
from .outcome import Ability, Outcome
from .path_pattern import PathPattern

Kind = Literal["never", "always"]
Whose = Literal["listed", "others", "none"]
_REFUSED_ANYWAY: Final = frozenset(
    (Reason.REPEATED_HEADER, Reason.HEADER_BYTES, Reason.AMBIGUOUS_PATH, Reason.HOST_NOT_ALLOWED)
)
_AS_WITHOUT_ORIGIN: Final = frozenset(
    (
        Reason.NO_ORIGIN,
        Reason.CROSS_SITE_REPORTED,
        Reason.CROSS_SITE,
        Reason.MISSING_ORIGIN,
        Reason.AMP_SAME_ORIGIN,
        Reason.AMP_SAME_ORIGIN_MISSING,
    )
)


@dataclass(frozen=True, slots=True)
class Assertion:
    """`text` is how it is written, in one line.

    `whose` says which origins are meant: those that `origins` match, all others, or requests without
    Origin.  `methods` None: any.  `credentials`: reading with
    cookies is meant; `reading`: reading at all; else that the request reaches the API.  `headers`
    are request headers in lower case.  `public`: only origins are meant that nothing tells from any
    other, not on `except_paths`."""

    kind: Kind
    text: str
    place: Place
    whose: Whose = "others"
    origins: tuple[OriginRule, ...] = ()
    path: str = "/**"
    methods: tuple[str, ...] | None = None
    hosts: tuple[str, ...] | None = None
    credentials: bool = False
    reading: bool = False
    headers: tuple[str, ...] = ()
    socket: bool = False
    public: bool = False
    except_paths: tuple[str, ...] = ()

    def routes(self) -> list[RouteSpec]:
        """Its paths, as routes: the first one is what it is about."""
        about = RouteSpec(0, self.text, self.path, self.place, methods=self.methods, hosts=self.hosts)
        return [about, *(RouteSpec(0, self.text, path, self.place) for path in self.except_paths)]


class Checker:
    """An assertion, prepared to look at requests."""

    def __init__(self, assertion: Assertion) -> None:
        self.assertion = assertion
        self.origins = OriginSet(assertion.origins)
        self.methods = None if assertion.methods is None else frozenset(map(str.encode, assertion.methods))
        self.headers = frozenset(map(str.encode, assertion.headers))
        self._hosts = None if assertion.hosts is None else HostList(assertion.hosts)
        self._path = PathPattern(assertion.path)
        self._last = (b"", False)
        self._except = [PathPattern(path) for path in assertion.except_paths]

    def broken(self, request: Request, judgement: Judgement, found: Outcome) -> bool:
        """Whether a request shows that the assertion does not hold."""
        if not self._is_about(request) or not self._means(request, judgement):
            return False
        may = {ability for ability, _ in found.may}
        if self.assertion.kind == "never":
            return bool(may & self._possible(request))
        return not self._wanted(request) <= may

    def _means(self, request: Request, judgement: Judgement) -> bool:
        """Whether it speaks of this origin, Host and path."""
        reason = judgement.decision.reason
        if self.assertion.kind == "always" and reason in _REFUSED_ANYWAY:
            return False
        if not self._means_origin(request, judgement):
            return False
        if self._hosts is not None and not self._hosts.matches(request.host):
            return False
        return self._means_path(request.path)

    def _means_path(self, path: bytes) -> bool:
        """Many requests with one path are looked at in turn, so the last answer is kept."""
        if path != self._last[0]:
            always = self.assertion.kind == "always"
            meant = self._path.matches(path) if always else self._path.matches_somehow(path)
            self._last = path, meant and not any(each.matches(path) for each in self._except)
        return self._last[1]

    def _means_origin(self, request: Request, judgement: Judgement) -> bool:
        origin, reason = request.origin, judgement.decision.reason
        without = origin is None or (not request.preflight and reason in _AS_WITHOUT_ORIGIN)
        if self.assertion.whose == "none" or without:
            return self.assertion.whose == "none" and without
        if origin is None or reason is Reason.OWN_ORIGIN:
            return False
        if self.assertion.public:
            return _like_any_other(judgement.route, origin)
        listed = self.origins.find(origin) is not None
        return listed if self.assertion.whose == "listed" else not listed

    def _is_about(self, request: Request) -> bool:
        """Whether the request's kind, method and headers are those that it speaks of."""
        method = (request.acrm or b"") if request.preflight else request.method
        if self.methods is not None and method not in self.methods:
            return False
        if request.preflight:
            asked = set(request_headers.parse(request.acrh) or ())
            if self.assertion.kind == "never":
                return bool(asked & self.headers)
            needed = bool(self.headers) or method not in SAFELISTED_METHODS
            return (
                needed
                and request.acrpn is None
                and asked <= self.headers
                and bool(request.acrh) is bool(asked)
            )
        socket = request.websocket and request.method == b"GET"
        if request.websocket and not socket and self.assertion.kind == "always":
            return False  # a page cannot send `Upgrade` (Fetch, forbidden request-header)
        return socket is self.assertion.socket and not (self.headers and self.assertion.kind == "never")

    def _possible(self, request: Request) -> frozenset[Ability]:
        """What `never` forbids.  Where the API decides itself, everything is possible."""
        if request.preflight:
            cookies = self.assertion.credentials
            return frozenset(
                (Ability.PREFLIGHT_WITH_COOKIES if cookies else Ability.PREFLIGHT, Ability.API_DECIDES)
            )
        if self.assertion.socket:
            return frozenset((Ability.SOCKET, Ability.SOCKET_WITHOUT_ORIGIN))
        if self.assertion.credentials:
            return frozenset((Ability.READ_WITH_COOKIES, Ability.API_DECIDES))
        if self.assertion.reading:
            return frozenset((Ability.READ, Ability.API_DECIDES))
        return frozenset((Ability.SEND, Ability.SEND_WITHOUT_ORIGIN, Ability.UPGRADE))

    def _wanted(self, request: Request) -> frozenset[Ability]:
        """What `always` asks for."""
        cookies = self.assertion.credentials
        if request.preflight:
            return frozenset((Ability.PREFLIGHT_WITH_COOKIES if cookies else Ability.PREFLIGHT,))
        without = request.origin is None
        if self.assertion.socket:
            return frozenset((Ability.SOCKET_WITHOUT_ORIGIN if without else Ability.SOCKET,))
        if self.assertion.whose == "none":
            return frozenset((Ability.SEND_WITHOUT_ORIGIN if without else Ability.SEND,))
        return frozenset((Ability.SEND, Ability.READ_WITH_COOKIES if cookies else Ability.READ))


def _like_any_other(route: Route, origin: bytes) -> bool:
    """Whether a route does not tell an origin from that of any page.  Every page can send `null`."""
    publisher = route.amp is not None and origin in route.amp.publishers
    listed = route.origins.find(origin) or feeds.find(route.origin_feeds, origin)
    return origin == b"null" or (listed is None and not publisher)
