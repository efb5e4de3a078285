"""The meaning of a route's keys: equal for routes that are only spelled differently."""

from ..cors.names import CARRIED
from ..cors.spec import AmpSpec, CorsSpec, OriginRule, RouteSpec


class Meanings:
    """Meanings of routes.  Thousands of routes may inherit one list, so what is made of it is
    kept."""

    def __init__(self) -> None:
        self._texts: dict[int, tuple[tuple[OriginRule, ...], frozenset[str]]] = {}

    def of(self, route: RouteSpec, lists: bool = True) -> tuple[object, ...]:
        """Everything that decides about the requests of a route, without order, places and repeats.

        Without `lists` the entries of origins, methods and headers are left out."""
        return (
            route.mode if route.cors is not None else "off",
            None if route.cors is None else self._of_cors(route.cors, lists),
            None if route.cors is None or route.amp is None else self._of_amp(route.amp),
        )

    def texts(self, rules: tuple[OriginRule, ...]) -> frozenset[str]:
        """The entries of a list of origins."""
        kept = self._texts.get(id(rules))
        if kept is None:
            # The rules are kept as well: while they live, no other object has their id
            kept = self._texts[id(rules)] = (rules, frozenset(rule.pattern.text for rule in rules))
        return kept[1]

    def _of_cors(self, cors: CorsSpec, lists: bool) -> tuple[object, ...]:
        isolates = cors.without_origin == "isolate"
        names = (methods_of(cors), frozenset(name.lower() for name in cors.headers), cors.any_header)
        origins = self.texts(cors.origins)
        return (
            (origins, self.texts(cors.accept_from), *names) if lists else (),
            # `full` lists them in the answer to every preflight
            names if cors.preflight_list == "full" else (),
            "*" in origins,
            frozenset(name.lower() for name in cors.expose),
            cors.expose_any,
            cors.credentials,
            cors.max_age,
            (cors.preflight_status, cors.preflight_list, cors.preflight_refusal),
            cors.private_network,
            frozenset(cors.timing or ()),
            cors.resource_policy,
            cors.without_origin,
            (cors.isolation.navigate, cors.isolation.same_site, cors.isolation.report) if isolates else (),
            frozenset(cors.isolation.embed) if isolates else (),
            cors.storage_access,
            cors.websocket,
        )

    def _of_amp(self, amp: AmpSpec) -> tuple[object, ...]:
        return (
            tuple(str(rule.pattern) for rule in amp.publishers[:1]),  # the one of requests without Origin
            self.texts(amp.publishers),
            None if amp.caches is None else frozenset(amp.caches),
            frozenset(sender for sender, _ in amp.senders),
            amp.source_origin,
        )


def methods_of(cors: CorsSpec) -> frozenset[bytes]:
    """The methods that a route allows."""
    return CARRIED if cors.methods is None else frozenset(method.encode("ascii") for method in cors.methods)
