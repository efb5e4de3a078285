"""One of the policies whose requests are looked at: as data, and compiled."""

from dataclasses import dataclass

from ..cors.reason import Reason
from ..cors.request import Request
from ..cors.site import Route, Site
from ..cors.spec import OriginRule, RouteSpec, SiteSpec


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A policy: `site` is what `spec` was compiled to."""

    spec: SiteSpec
    site: Site

    def route_spec(self, route: Route) -> RouteSpec:
        """The route as data."""
        return self.spec.default if route is self.site.default else self.spec.routes[route.index]

    @property
    def route_specs(self) -> tuple[RouteSpec, ...]:
        """All routes, the default one last."""
        return (*self.spec.routes, self.spec.default)


@dataclass(frozen=True, slots=True)
class Match:
    """Where a request leads on one side: what `site.match` returns."""

    route: Route
    fault: Reason | None


def match(side: Side, request: Request) -> Match:
    return Match(*side.site.match(request))


def origin_rules(spec: RouteSpec) -> tuple[tuple[OriginRule, ...], ...]:
    """The lists of origins that decide about a route's requests."""
    amp = () if spec.amp is None else spec.amp.publishers
    return (amp,) if spec.cors is None else (spec.cors.origins, spec.cors.accept_from, amp)
