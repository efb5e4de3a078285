"""The proposed policy as YAML: each line with its evidence, at the end what was left out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Final

from ..explain.edit import flow, scalar
from ..policy.suffixes import is_public_suffix
from .comment import counted, safe, some, span_text, times
from .left_out import Left
from .lookalike import host_of
from .paths import pattern
from .proposal import Proposal
from .rules import Rule
from .tally import Span

MAX_LEFT: Final = 200  # lines of what was left out
SIBLINGS: Final = 5  # origins that differ in one label, before a pattern is worth a comment

_HEAD: Final = """\
# Proposed by cors-proxy learn. Read it, then test it with mode: report.
version: 1

# The API, as the proxy reaches it.
upstream: {upstream}
{hosts}
# Paths without a route: no page of another origin gets anything.
cors:
  websocket: deny{sockets}
"""


def policy_text(proposal: Proposal, upstream: str, notes: Iterable[str] = ()) -> str:
    """`upstream` is a valid URL.  `notes` say what the records do not tell."""
    rules = proposal.rules
    hosts = Counter[str]()
    for rule in rules:
        hosts[rule.host] += rule.count
    known = sorted(host for host in hosts if host)
    by_host = len(hosts) > 1
    lines = [
        _HEAD.format(
            upstream=scalar(upstream),
            hosts=f"# If browsers call it by no other name:\n# hosts: {flow(tuple(known))}\n"
            if known
            else "",
            sockets="" if any(rule.sockets for rule in rules) else "  # no handshake succeeded",
        ).rstrip("\n"),
        "",
        "routes:" if rules else "# No route: nothing was proven.",
    ]
    for number, rule in enumerate(rules):
        lines += [*([""] if number else []), *route_lines(rule, by_host)]
    lines += list(left_lines(proposal.left, notes))
    return "\n".join(lines) + "\n"


def route_lines(rule: Rule, by_host: bool) -> Iterator[str]:
    """One entry of `routes`."""
    words = f"  # `*` also stands for {rule.endpoints} words" if rule.endpoints > 1 else ""
    yield f"  - path: {pattern(rule.parts)}{words}"  # words and stars: YAML needs no quotes
    if by_host and rule.host:
        yield f"    host: {flow((rule.host,))}"
    if rule.some_methods:
        yield f"    method: {flow(tuple(rule.methods))}"
    if not rule.origins and not rule.sockets:
        yield "    # The API refused an origin here that a wider route allows."
        return
    yield "    cors:"
    if rule.sockets:
        yield f"      websocket: allow  # handshakes of the API's own pages: {times(rule.sockets)}"
    if not rule.origins:
        return
    yield f"      # The API refused {_origins(rule.refused)} here."
    yield "      origins:"
    for origin, span in sorted(rule.origins.items()):
        if not span.count:
            words = "granted to --probe" if origin in rule.probed else "as on paths without a route"
            yield f"        - {scalar(origin)}  # {words}"
            continue
        words = "seen and, asked by --probe, granted" if origin in rule.probed else "granted"
        yield f"        - {scalar(origin)}  # {words} {span_text(span)}"
    yield from _pattern_hint(list(rule.origins))
    yield f"      methods: {flow(tuple(rule.methods))}  # {counted(rule.methods)}"
    if rule.headers:
        names = sorted(rule.headers)
        yield f"      headers: {flow(tuple(map(spelled, names)))}  # {counted(rule.headers)}"
    if rule.expose:
        names = sorted(rule.expose)
        yield f"      expose: {flow(tuple(map(spelled, names)))}  # the API exposes: {counted(rule.expose)}"
    if rule.credentials:
        cookies = f"a Cookie came {times(rule.cookies)}" if rule.cookies else _no_cookie(rule)
        yield f"      credentials: true  # the API allows it; {cookies}"


def _no_cookie(rule: Rule) -> str:
    if rule.cookies_known:
        return "the same pages sent a Cookie elsewhere"
    return "the records do not tell if a Cookie came"


def _origins(count: int) -> str:
    return "1 other origin" if count == 1 else f"{count} other origins"


def spelled(name: str) -> str:
    """A header's name in the usual form."""
    return "-".join(word.capitalize() for word in name.split("-"))


def _pattern_hint(origins: list[str]) -> Iterator[str]:
    """A pattern is never proposed: whoever gets a name below it would be let in."""
    families: dict[str, list[str]] = {}
    for origin in origins:
        scheme, _, rest = origin.partition("://")
        label, dot, parent = rest.partition(".")
        if dot and scheme in ("http", "https") and label and "." in parent:
            families.setdefault(f"{scheme}://*.{parent}", []).append(origin)
    for found, members in families.items():
        if len(members) >= SIBLINGS and not is_public_suffix(host_of(found.replace("*.", "", 1))):
            text = f"instead of {len(members)} of them, if every name below it is yours"
            yield f"        # - {scalar(found)}  # {text}"


def left_lines(left: Sequence[Left], notes: Iterable[str]) -> Iterator[str]:
    """As comments: what was left out and why, and what a person has to know."""
    if left:
        yield from ("", "# Left out, for you to confirm:")
    for each in left[:MAX_LEFT]:
        where = f" ({some(list(each.where))})" if each.where else ""
        yield f"#   {safe(each.what)}: {each.why}; {span_text(each.span)}{where}"
    if len(left) > MAX_LEFT:
        rest = Span(sum(each.span.count for each in left[MAX_LEFT:]))
        yield f"#   and {len(left) - MAX_LEFT} more, {times(rest.count)}"
    found = list(notes)
    if found:
        yield from ("", "# What the records do not tell:")
        for note in found:
            yield from wrap(note, 98, initial_indent="#   ", subsequent_indent="#     ")
