"""`{url: …}` in a list of origins: where a list is fetched, how often, and what it may hold."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final

from ..cors.hosts import split_port_text
from ..cors.place import Place
from ..cors.spec import FeedRule, OriginFeed
from . import schema_patterns
from .addresses import PRIVATE, parse_host, parse_port
from .mappings import Field, MappingOf, Section
from .nodes import MappingNode
from .problems import quote
from .scalars import DAY, MONTH, ScalarError, show_duration
from .types import INVALID, Context, Scalar
from .values import BOOLEAN, duration

_EXPECTED: Final = "a URL such as https://api.internal/origins or http://api:3000/origins"
_PARTS: Final = re.compile(r"(https?)://(?:[^/?#\s]*@)?([^/?#@]*)(/[^\s#]*)?")
_DEFAULT: Final = FeedRule(OriginFeed(""), Place("", 0, 0))


def is_private(address: str) -> bool:
    """Whether an address is loopback, link-local or of a private network."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return any(ip in network for network in PRIVATE)


def parse_feed_url(text: str) -> str:
    """An http or https URL; a name and password in it are sent as HTTP authentication.

    Plain http is for hosts that nobody outside can answer for: loopback, private addresses, and
    names of one label, whose addresses are looked at when they are resolved.
    """
    match = _PARTS.fullmatch(text)
    if match is None or not text.isascii() or not text.isprintable():
        raise ScalarError(_EXPECTED, code="E306")
    scheme, authority, _ = match.groups()
    name, port = split_port_text(authority)
    try:
        host = parse_host(name)
        if port is not None:
            parse_port(port)
    except ScalarError:
        raise ScalarError(_EXPECTED, code="E306") from None
    if scheme == "http" and not _is_inside(host):
        raise ScalarError(
            "https, as anybody on the way could change a list that comes over plain http",
            code="E306",
            hint="use https, or the name of one label that the host has in its own network",
        )
    return text


def _is_inside(host: str) -> bool:
    try:
        return is_private(host.strip("[]"))
    except ValueError:
        name = host.removesuffix(".")
        return "." not in name or name.endswith(".localhost")


FEED = MappingOf(
    (
        Field(
            "url",
            Scalar(parse_feed_url, _EXPECTED, schema_patterns.FEED_URL),
            "http://api:3000/origins",
            "Where the list is: one origin per line, as in a file, or a JSON list of strings; at most"
            " 8 MiB and 100,000 entries. The answer must be 200 within 10 seconds; redirects are not"
            " followed. Plain http is for loopback, private addresses and names of one label only.",
            required=True,
        ),
        Field(
            "every",
            duration(1, DAY),
            show_duration(_DEFAULT.every),
            "How often the proxy asks. With an ETag it asks with `If-None-Match`. After a failure it asks"
            " again in a second, then in twice that time and so on, up to `every`.",
        ),
        Field(
            "required",
            BOOLEAN,
            str(_DEFAULT.required).lower(),
            "Whether the proxy refuses to start, and a reload the policy, if there is no valid list."
            " Otherwise the list is empty until there is one.",
        ),
        Field(
            "stale",
            duration(0, MONTH),
            show_duration(_DEFAULT.stale),
            "How long the last valid list is used while the feed fails or sends an invalid one; then the"
            " list is empty. 0 is for ever.",
        ),
        Field(
            "patterns",
            BOOLEAN,
            str(_DEFAULT.feed.patterns).lower(),
            "Whether the list may hold patterns. Neither `*` nor `null` is ever allowed in it.",
        ),
    ),
    "a mapping such as {url: http://api:3000/origins}",
)


def decode_feed(node: MappingNode, at: str, context: Context) -> FeedRule | None:
    """None where there is a problem."""
    section: Section | Any = FEED.decode(node, at, context)
    if (
        section is INVALID
        or section.key_places.keys() != section.values.keys()
        or "url" not in section.values
    ):
        return None
    every = section.value("every", _DEFAULT.every)
    stale = section.value("stale", _DEFAULT.stale)
    if 0 < stale <= every:
        message = f"{at}.stale: {show_duration(stale)} is not longer than every, {show_duration(every)}"
        place = section.value_places.get("stale", section.value_places.get("every", node.place))
        hint = f"write stale: {show_duration(every * 10)}, or 0 to keep a list for ever"
        context.findings.add(place, "E307", message, hint)
        return None
    return FeedRule(
        OriginFeed(section.values["url"], section.value("patterns", _DEFAULT.feed.patterns)),
        section.value_places["url"],
        every,
        section.value("required", _DEFAULT.required),
        stale,
    )


def check_twice(rules: tuple[FeedRule, ...], key: str, context: Context) -> None:
    """Report a feed that an earlier entry of the list names too."""
    places: dict[str, Place] = {}
    for rule in rules:
        first = places.setdefault(rule.feed.url, rule.place)
        if first != rule.place:
            message = f"{key}: {quote(str(rule.feed))} is listed twice, first at {first}"
            context.findings.add(rule.place, "W301", message, "keep one of the two")
