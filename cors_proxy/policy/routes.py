"""What routes need beyond their keys' own kinds: path patterns, prefixes of them, names, and routes that never decide."""

import re
from urllib.parse import quote as percent

from ..cors.path import RoutePathError, parse_route_path
from ..cors.shadows import outread, shadowed, twins
from ..cors.spec import RouteSpec
from .problems import quote
from .types import Reader, Section


def route_path(section: Section, at: str, reader: Reader) -> str:
    """The route's path pattern, or `/**` in its place where it is wrong (and that was said)."""
    path: str = section.value("path", "/**")
    try:
        parse_route_path(path)
    except RoutePathError as error:
        right = _guess(path)
        reader.found.add(
            section.spots["path"],
            "E501",
            f"{at}.path: {quote(path)}: {error}",
            f"write {right}" if right else "",
        )
        return "/**"
    return path


def _guess(path: str) -> str:
    """The path that was probably meant, or nothing."""
    right = "/" + percent(re.split(r"[?#]", path)[0], safe="/*%!$&'()+,;=:@~").lstrip("/")
    right = re.sub("/{2,}", "/", right)
    try:
        parse_route_path(right)
    except RoutePathError:
        return ""
    return right


def strip_prefix(section: Section, at: str, reader: Reader) -> bytes:
    """The prefix to take off, as spelled; it must be whole segments of the path, none of them a star."""
    prefix: str = section.value("strip_prefix", "")
    path: str | None = section.item("path")
    if not prefix or path is None:
        return b""
    try:
        given, wanted = parse_route_path(prefix), parse_route_path(path)
    except RoutePathError:
        fits = False
    else:
        fits = (
            not given.rest
            and None not in given.spelled
            and wanted.spelled[: len(given.spelled)] == given.spelled
        )
    if not fits:
        literal = path.split("/*")[0].rstrip("/")
        message = f"{at}.strip_prefix: {quote(prefix)} is no prefix of the path {quote(path)}"
        reader.found.add(
            section.spots["strip_prefix"],
            "E507",
            message,
            f"write {literal}" if literal.startswith("/") else "",
        )
    return prefix.encode("ascii")


def check_names(sections: list[Section], default: str, reader: Reader) -> None:
    """Written names are unique; unnamed routes with one path share their label."""
    seen: dict[str, int] = {}
    for section in sections:
        name = section.item("name")
        if name is None:
            continue
        place = section.spots["name"]
        if name == default:
            reader.found.add(
                place,
                "E502",
                f"name: {quote(name)} is the label of paths without a route",
                "choose another name",
            )
        elif name in seen:
            reader.found.add(
                place,
                "E502",
                f"name: {quote(name)} is the name of the route in line {seen[name]} already",
                "choose another name",
            )
        seen.setdefault(name, place.line)


def check_shadows(routes: list[RouteSpec], reader: Reader) -> None:
    """Routes that never decide because of an earlier one: it takes all of theirs, or an API may take the two for one."""
    told = set()
    for route, earlier in twins(routes):
        told.add(route.index)
        reader.found.add(
            route.place,
            "E509",
            f"routes[{route.index}]: the path {quote(route.path)} and {quote(earlier.path)} ({earlier.place}) differ only in"
            " case, parameters or a final slash: an API may take the two for one, so that requests would be refused",
            f"keep one of the two, or write dangerously_allow: [path-variants] on the route {quote(earlier.name)}",
        )
    for route, earlier in shadowed(routes):
        if route.index not in told:
            told.add(route.index)
            never = f"routes[{route.index}]: the route {quote(route.name)} never decides:"
            message = f"{never} {quote(earlier.name)} ({earlier.place}) takes all of it"
            reader.found.add(route.place, "W501", message, "put the narrower route first")
    for route, earlier in outread(routes):
        if route.index not in told:
            never = f"routes[{route.index}]: the route {quote(route.name)} never decides: its requests are refused,"
            message = f"{never} because an API may read their paths as those of {quote(earlier.name)} ({earlier.place})"
            reader.found.add(
                route.place, "W501", message, "spell both alike, and put the narrower route first"
            )
