"""What is done with a decision: the decision is made first, and log and metrics carry both."""

from typing import Final

from .decision import Decision, Forward, Grant, Refuse
from .reason import Reason
from .site import Route, Site

UNTOUCHED: Final = Grant(hands_off=True)
# Row 1 and its Host rule hold in every mode: such a request has no route whose mode could be asked.
_ROW_ONE: Final = frozenset(
    (Reason.REPEATED_HEADER, Reason.HEADER_BYTES, Reason.AMBIGUOUS_PATH, Reason.HOST_NOT_ALLOWED)
)


def act(site: Site, route: Route, decision: Decision) -> Decision:
    """The decision itself, or what the route's mode makes of it.

    `headers`: a refused request is forwarded without a grant; preflights stay as decided.  `report`: everything goes through untouched."""
    if route.mode == "enforce":
        return decision
    if decision.reason in _ROW_ONE:
        return _untouched(decision) if site.report_only else decision
    if route.mode == "report":
        return _untouched(decision)
    if route.mode == "headers" and isinstance(decision, Refuse) and decision.kind != "preflight":
        return Forward(
            decision.reason, decision.kind, decision.rule, route.plain, decision.detail, decision.target
        )
    return decision


def names_rule(site: Site, route: Route, decision: Decision) -> bool:
    """Whether a refusal's head names reason and rule: under `debug`, but for preflights under `refusal: bare`."""
    return site.debug and (decision.kind != "preflight" or route.cors.preflight_readable)


def _untouched(decision: Decision) -> Forward:
    return Forward(decision.reason, decision.kind, decision.rule, UNTOUCHED, decision.detail)
