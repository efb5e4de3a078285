"""Checks of routes beyond the types of keys: paths, prefixes, names, routes that never match."""

from ..cors.path import RoutePathError, parse_route_path
from ..cors.shadows import outread, shadowed, twins
from ..cors.spec import RouteSpec
from .mappings import Section
from .path_hints import other_grammar, suggest_path
from .problems import quote
from .types import Context


def route_path(section: Section, at: str, context: Context) -> str:
    """The route's path pattern, or `/**` where it is invalid, which is then reported."""
    path: str = section.value("path", "/**")
    try:
        parse_route_path(path)
    except RoutePathError as error:
        suggestion = suggest_path(path)
        context.findings.add(
            section.value_places["path"],
            "E501",
            f"{at}.path: {quote(path)}: {error}",
            f"write {suggestion}" if suggestion else "",
        )
        return "/**"
    if reason := other_grammar(path):
        suggestion = suggest_path(path)
        also = f", or {path[:-1]}" if path.endswith("/") and suggestion.endswith("/**") else ""
        context.findings.add(
            section.value_places["path"],
            "W502",
            f"{at}.path: {quote(path)}: {reason}",
            f"write {suggestion}{also}" if suggestion else "",
        )
    return path


def strip_prefix(section: Section, at: str, context: Context) -> bytes:
    """The prefix to remove, as spelled: one or more whole segments of the path, without a star."""
    prefix: str = section.value("strip_prefix", "")
    path: str | None = section.get("path")
    if not prefix or path is None:
        return b""
    try:
        given, wanted = parse_route_path(prefix), parse_route_path(path)
    except RoutePathError:
        matches = False
    else:
        matches = (
            not given.rest
            and None not in given.spelled
            and wanted.spelled[: len(given.spelled)] == given.spelled
        )
    if not matches:
        literal = path.split("/*")[0].rstrip("/")
        message = f"{at}.strip_prefix: {quote(prefix)} is not a prefix of the path {quote(path)}"
        context.findings.add(
            section.value_places["strip_prefix"],
            "E507",
            message,
            f"write {literal}" if literal.startswith("/") else "",
        )
    return prefix.encode("ascii")


def check_names(sections: list[Section], default: str, context: Context) -> None:
    """Report names that two routes set.  Unnamed routes with equal paths share their label."""
    seen: dict[str, int] = {}
    for section in sections:
        name = section.get("name")
        if name is None:
            continue
        place = section.value_places["name"]
        if name == default:
            context.findings.add(
                place,
                "E502",
                f"name: {quote(name)} is the name of paths without a route",
                "choose another name",
            )
        elif name in seen:
            context.findings.add(
                place,
                "E502",
                f"name: {quote(name)} is already the name of the route in line {seen[name]}",
                "choose another name",
            )
        seen.setdefault(name, place.line)


def check_shadows(routes: list[RouteSpec], context: Context) -> None:
    """Report routes that never match because of an earlier one.

    The earlier route matches all of their requests; or an API may read both paths as one, so that
    the ambiguous requests are refused.
    """
    reported = set()
    for route, earlier in twins(routes):
        reported.add(route.index)
        context.findings.add(
            route.place,
            "E509",
            f"routes[{route.index}]: the path {quote(route.path)} and {quote(earlier.path)}"
            f" ({earlier.place}) differ only in case, parameters or a trailing slash: an API may read"
            " both as one path, so the proxy would refuse such requests",
            "keep one of the two, or write dangerously_allow: [path-variants] on the route"
            f" {quote(earlier.name)}",
        )
    for route, earlier in shadowed(routes):
        if route.index not in reported:
            reported.add(route.index)
            reason = f"{quote(earlier.name)} ({earlier.place}) matches all of its requests"
            hint = "put the narrower route first"
            context.findings.add(route.place, "W501", f"{_never_matches(route)} {reason}", hint)
    for route, earlier in outread(routes):
        if route.index not in reported:
            reason = (
                "its requests are refused, because an API may read their paths as those of"
                f" {quote(earlier.name)} ({earlier.place})"
            )
            hint = "spell both alike, and put the narrower route first"
            context.findings.add(route.place, "W501", f"{_never_matches(route)} {reason}", hint)


def _never_matches(route: RouteSpec) -> str:
    return f"routes[{route.index}]: the route {quote(route.name)} never matches:"
