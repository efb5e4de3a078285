"""Which origins an endpoint proves: it granted them, and it refused another one alike.

An API that grants every origin proves nothing.  "Alike" is what keeps a visitor from proving an
origin to us: the refused request must be of a form that the API grants to others.  Otherwise
something else may have been refused: a header, a method, a path.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from .tally import Endpoint, Form


@dataclass(slots=True)
class Proof:
    """`origins` are proven.  `unsteady` were granted and refused alike: a cache, or a change."""

    origins: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)  # the others, which prove them
    unsteady: set[str] = field(default_factory=set)


def prove(endpoint: Endpoint) -> Proof:
    granted = endpoint.origins() - {"null"}
    unsteady = {
        origin
        for origin in granted & endpoint.refused.keys()
        if any(_alike(endpoint, form, (origin,)) for form in endpoint.refused_forms.get(origin, ()))
    }
    refused = {
        origin
        for origin in endpoint.refused.keys() - granted
        if any(
            _shows(endpoint, origin, form, bool(unsteady)) for form in endpoint.refused_forms.get(origin, ())
        )
    }
    return Proof(granted - unsteady if refused else set(), refused, unsteady)


def _shows(endpoint: Endpoint, origin: str, form: Form, unsteady: bool) -> bool:
    """Whether a refusal of this form shows that the API looks at the origin.

    Where it treats one origin now so and now so, a shared cache may answer in its place.  It keeps
    no answers to OPTIONS (RFC 9110 9.3.7), so preflights still count.
    """
    if unsteady and form[0] == "request":
        return False
    if origin in endpoint.named_another:
        return bool(endpoint.granted)
    return _alike(endpoint, form, endpoint.origins())


def _alike(endpoint: Endpoint, form: Form, origins: Collection[str]) -> bool:
    """Whether the API granted such a request to one of `origins`."""
    kind, method, names = form
    tallies = [tally for origin, tally in endpoint.granted.get(method, {}).items() if origin in origins]
    if kind == "request":
        return any(tally.requests for tally in tallies)
    return any(names <= asked for tally in tallies for asked in tally.asked)
