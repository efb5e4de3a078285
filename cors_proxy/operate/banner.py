"""What `run` says first on a terminal: where traffic goes, who may call, where the admin page is."""

from collections.abc import Sequence
from typing import Final

from ..cors.spec import RouteSpec
from ..policy.model import Policy

_SHOWN: Final = 3  # names in one line; a policy may have thousands


def banner(
    policy: Policy, listen: Sequence[str], admin: Sequence[str], asks: Sequence[str] = ()
) -> tuple[str, str, str]:
    """Three lines.  `listen`, `admin` and `asks` are the addresses that were bound."""
    upstreams = [url for route in policy.forwarding for url in route.upstream.urls]
    where = f"{admin[0]}/" if admin and admin[0].startswith("http") else ", ".join(admin) or "off"
    traffic = [f"{_some(listen)} goes to {_some(upstreams)}"] if listen else []
    if asks:
        traffic.append(f"{_some(asks)} answers what engines ask")
    return (
        f"Traffic:    {'; '.join(traffic)}",
        f"May call:   {_callers(policy)}",
        f"Admin page: {where}",
    )


def _callers(policy: Policy) -> str:
    spec = policy.spec
    routes = (*spec.routes, spec.default)
    checked = [route.cors for route in routes if route.cors is not None]
    origins = [str(rule.pattern) for cors in checked for rule in cors.origins]
    origins += [f"the list of {rule.feed}" for cors in checked for rule in cors.origin_feeds]
    said = f"the API's own pages, and those of {_some(origins)}" if origins else "only the API's own pages"
    if "*" in origins:
        said = "every web page"
    cookies = any(_with_cookies(route) for route in routes)
    modes = {route.mode for route in routes if route.cors is not None} - {"enforce"}
    notes = [*(["with cookies"] if cookies else []), *(f"mode {mode}" for mode in sorted(modes))]
    if any(route.cors is None for route in routes):
        notes.append("some routes check nothing")
    return f"{said} ({', '.join(notes)})" if notes else said


def _with_cookies(route: RouteSpec) -> bool:
    cors = route.cors
    return cors is not None and bool(cors.origins or cors.origin_feeds) and cors.credentials


def _some(names: Sequence[str]) -> str:
    """The first names, each once."""
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - _SHOWN} more" if len(unique) > _SHOWN else ""
    return ", ".join(unique[:_SHOWN]) + more
