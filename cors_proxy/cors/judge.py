"""Judges a request: finds its route, decides by it, and applies the route's mode.

    match -> decide -> act

Everything that needs a decision calls `judge`: the data path, `explain`, and the tests."""

from .decide import decide
from .decision import Decision
from .modes import act
from .request import Request
from .site import Route, Site


class Judgement:
    """`action` is the decision itself, or what the route's mode makes of it."""

    __slots__ = ("action", "decision", "route")

    def __init__(self, route: Route, decision: Decision, action: Decision) -> None:
        self.route = route
        self.decision = decision
        self.action = action


def judge(site: Site, request: Request) -> Judgement:
    """A decision depends on the site, the route, the method and the judged headers alone, so it is
    kept in the site's cache.  Two kinds also depend on the target, and are made anew each time:
    those about an ambiguous path, and those of AMP routes (`__amp_source_origin`)."""
    route, path_fault = site.match(request)
    if path_fault is not None or route.amp_place is not None:
        decision = decide(site, route, request, path_fault)
    else:
        key = (route.index, request.method, request.judged)
        cached = site.cache.get(key)
        if cached is None:
            cached = decide(site, route, request, None)
            site.cache.keep(key, cached)
        decision = cached
    return Judgement(route, decision, act(site, route, decision))
