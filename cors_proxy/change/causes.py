"""Which key of the policies a difference comes from, and where it stands in both.

A difference can have several causes: a new origin may use a new method.  The first one is named, in
the order in which a request meets the keys."""

from typing import NamedTuple

from ..cors.place import Place
from ..cors.spec import CorsSpec, RouteSpec
from ..partition.outcome import Ability
from ..policy.model import Policy
from .difference import Difference
from .differences import Met

# Where each side's flags stand in the view of an origin (`partition.groups`)
_OWN, _PUBLISHER, _ALLOWED, _LISTED, _ACCEPTED = range(5)
# Keys of `cors` that a difference can come from whatever values it is about, each with what it
# decides
_OF_ABILITY: dict[str, frozenset[Ability]] = {
    "websocket": frozenset((Ability.SOCKET, Ability.SOCKET_WITHOUT_ORIGIN, Ability.UPGRADE)),
    "without_origin": frozenset(
        (
            Ability.SEND_WITHOUT_ORIGIN,
            Ability.SOCKET_WITHOUT_ORIGIN,
            Ability.SEND,
            Ability.SOCKET,
            Ability.UPGRADE,
        )
    ),
    "credentials": frozenset(
        (Ability.READ_WITH_COOKIES, Ability.PREFLIGHT_WITH_COOKIES, Ability.EXPOSE, Ability.PREFLIGHT)
    ),
    "expose": frozenset((Ability.EXPOSE,)),
    "private_network": frozenset(
        (Ability.PRIVATE_NETWORK, Ability.PREFLIGHT, Ability.PREFLIGHT_WITH_COOKIES)
    ),
    "timing": frozenset((Ability.TIMING,)),
    "resource_policy": frozenset((Ability.EMBED,)),
    "storage_access": frozenset((Ability.RETRY,)),
}
# What is observed of an answer, and the key that alone decides about it
_OF_FORM = {
    "access-control-max-age": "max_age",
    "status": "preflight",
    "cross-origin-resource-policy": "resource_policy",
}
_OF_ANSWERS = ("max_age", "preflight", *_OF_ABILITY)  # what else of an answer can differ


class Cause(NamedTuple):
    """A key, and its places; None where it is not set."""

    key: str
    old: Place | None
    new: Place | None


def cause_of(policies: tuple[Policy, Policy], met: Met, difference: Difference) -> Cause:
    """The key that a difference comes from."""
    return (
        _cause_of_route(policies, met)
        or _cause_of_site(policies, met, difference)
        or _cause_of_cors(met, difference)
    )


def _cause_of_route(policies: tuple[Policy, Policy], met: Met) -> Cause | None:
    """The route itself: another one gets the request, or another one is refused as ambiguous."""
    old, new = met.old, met.new
    faults = [found.fault for found in met.meeting.matches]
    if faults[0] != faults[1]:
        words = ("dangerously_allow", *_top(policies, "dangerously_allow"))
        return Cause(*words) if any(words[1:]) else Cause("routes", old.place, new.place)
    if not corresponding(old, new):
        return Cause("routes", old.place, new.place)
    if (old.cors is None) != (new.cors is None):
        return Cause("cors", old.place, new.place)
    if old.mode != new.mode:
        places = _top(policies, "mode")
        return Cause("mode", *(places if any(places) else (old.place, new.place)))
    if (old.amp is None) != (new.amp is None):
        return Cause("amp", _amp_place(old), _amp_place(new))
    return None


def causes_at_routes(policies: tuple[Policy, Policy], met: Met) -> tuple[object, ...]:
    """Equal for meetings whose causes at the routes themselves are the same."""
    found = _cause_of_route(policies, met)
    same = met.old.amp == met.new.amp and met.old.cors is not None and met.new.cors is not None
    return found, None if found is None and same else (met.old.place, met.new.place)


def corresponding(old: RouteSpec, new: RouteSpec) -> bool:
    """Whether both stand for the same requests."""
    return old.path == new.path and _same(old.hosts, new.hosts) and _same(old.methods, new.methods)


def _same(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> bool:
    return (one is None) == (other is None) and set(one or ()) == set(other or ())


def _cause_of_site(policies: tuple[Policy, Policy], met: Met, difference: Difference) -> Cause | None:
    own = [False, False]
    if difference.case.origin is not None:
        own = [bool(_flag(difference, side, _OWN)) for side in (0, 1)]
    views = met.meeting.view
    allowed = [view[0] for view in views]
    if allowed[0] != allowed[1] or (
        views[0] != views[1] and own[0] == own[1] and _is_about_own_origin(difference)
    ):
        return Cause("hosts", *_top(policies, "hosts"))
    selves = [policy.spec.self_origins is None for policy in policies]
    if own[0] != own[1] or (
        selves[0] != selves[1] and _is_about_own_origin(difference) and not _list_differs(difference)
    ):
        return Cause("self_origins", *_top(policies, "self_origins"))
    if policies[0].spec.debug != policies[1].spec.debug and not (difference.gained or difference.lost):
        return Cause("server.debug", *_top(policies, "server"))
    return None


def _is_about_own_origin(difference: Difference) -> bool:
    return any("own" in decision.reason.value for decision in difference.decisions)


def _cause_of_cors(met: Met, difference: Difference) -> Cause:
    one, other = met.old.cors, met.new.cors
    if one is None or other is None:
        return Cause("routes", met.old.place, met.new.place)

    def cause(key: str) -> Cause:
        return Cause(key, one.places.get(key), other.places.get(key))

    case = difference.case
    if case.origin is not None:
        if _list_differs(difference):
            return cause("origins")
        if _flag(difference, 0, _ACCEPTED) != _flag(difference, 1, _ACCEPTED):
            return cause("accept_from")
        if case.method and case.method[0] != case.method[1]:
            return cause("methods")
        if case.header is not None and len(case.header) > 1 and case.header[0] != case.header[1]:
            return cause("headers")
    changed = [key for key in _OF_ANSWERS if value_of(one, key) != value_of(other, key)]
    abilities = {ability for ability, _ in difference.gained | difference.lost}
    for key in changed:
        if abilities & _OF_ABILITY.get(key, frozenset()):
            return cause(key)
    if met.old.amp != met.new.amp:
        return Cause("amp", _amp_place(met.old), _amp_place(met.new))
    observed = {name for side in difference.also for name, _ in side}
    for key in changed:
        if key == "max_age" and "access-control-max-age" not in observed:
            continue
        return cause(key)
    return Cause("routes", met.old.place, met.new.place)


def _list_differs(difference: Difference) -> bool:
    """Whether `origins` of one side alone has the origin."""
    return any(_flag(difference, 0, at) != _flag(difference, 1, at) for at in (_ALLOWED, _LISTED))


def _flag(difference: Difference, side: int, at: int) -> object:
    view = difference.case.origin or ()
    flags = view[1 + side] if len(view) > 1 + side else ()
    return flags[at] if isinstance(flags, tuple) and len(flags) > at else None


def comes_along(met: Met, difference: Difference) -> tuple[Cause, str] | None:
    """The key of an answer's form that differs beside somebody's access, and what shows it."""
    one, other = met.old.cors, met.new.cors
    if one is None or other is None:
        return None
    before, after = ({name for name, _ in side} for side in difference.also)
    for name, key in _OF_FORM.items():
        if name in before & after and value_of(one, key) != value_of(other, key):
            return Cause(key, one.places.get(key), other.places.get(key)), name
    return None


def value_of(cors: CorsSpec, key: str) -> object:
    """The value of a key, equal for equal meanings."""
    if key == "preflight":
        return cors.preflight_status, cors.preflight_list, cors.preflight_refusal
    if key == "expose":
        return frozenset(name.lower() for name in cors.expose), cors.expose_any
    if key == "timing":
        return frozenset(cors.timing or ())
    if key == "without_origin":
        return cors.without_origin, cors.isolation
    return getattr(cors, key)


def _amp_place(route: RouteSpec) -> Place | None:
    return None if route.amp is None else route.amp.place


def _top(policies: tuple[Policy, Policy], key: str) -> tuple[Place | None, Place | None]:
    return policies[0].places.get(key), policies[1].places.get(key)
