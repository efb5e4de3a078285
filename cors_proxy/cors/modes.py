"""What is done with a decision.  The decision is made first; log and metrics carry both.

* `enforce`: as decided.
* `headers`: a refused request is forwarded without a grant; preflights stay as decided.
* `report`: everything is forwarded, and comes back untouched."""

from typing import Final

from .decision import Decision, Forward, Grant, Refuse
from .reason import Reason
from .site import Route, Site

UNTOUCHED: Final = Grant(hands_off=True)
# Rows 1 and 421 hold in every mode: the route of an ambiguous request is not known, so there is
# no mode to ask for.
_ROW_ONE: Final = frozenset(
    (Reason.REPEATED_HEADER, Reason.HEADER_BYTES, Reason.AMBIGUOUS_PATH, Reason.HOST_NOT_ALLOWED)
)


def act(site: Site, route: Route, decision: Decision) -> Decision:
    """The decision itself, or what the route's mode makes of it."""
    if route.mode == "enforce":
        return decision
    if decision.reason in _ROW_ONE:
        return _untouched(decision) if site.report_only else decision
    if route.mode == "report":
        return _untouched(decision)
    if route.mode == "headers" and isinstance(decision, Refuse) and decision.kind != "preflight":
        grant = route.grant_for_anyone
        return Forward(decision.reason, decision.kind, decision.rule, grant, decision.detail, decision.target)
    return decision


def names_rule(site: Site, route: Route, decision: Decision) -> bool:
    """Whether the head of a refusal names reason and rule: under `debug`, but not for preflights
    under `refusal: bare`."""
    return site.debug and (decision.kind != "preflight" or route.cors.preflight_refusal == "readable")


def _untouched(decision: Decision) -> Forward:
    return Forward(decision.reason, decision.kind, decision.rule, UNTOUCHED, decision.detail)
