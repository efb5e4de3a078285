"""From what the API granted on one route to rules, and to what is left out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from ..cors.hosts import is_loopback
from ..cors.names import AUTHORIZATION, UNCOVERED, grantable_header
from .groups import Group
from .left_out import LeftOut
from .lookalike import host_of
from .paths import STAR, Template, pattern
from .proof import Proof
from .tally import SAFELISTED, Endpoint, Span, Tally

UNKNOWN: Final = "no record tells that the API granted it and refuses others"
_ANY_STRANGER: Final = "the API grants any origin here: --probe asked with one that nobody has"
_NAME: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@dataclass(slots=True)
class Rule:
    """One route.  Without origins it only keeps a wider route from its path."""

    host: str
    parts: Template
    origins: dict[str, Span] = field(default_factory=dict)
    probed: set[str] = field(default_factory=set)  # origins that were granted to --probe
    methods: dict[str, int] = field(default_factory=dict)
    headers: dict[str, int] = field(default_factory=dict)
    expose: dict[str, int] = field(default_factory=dict)
    credentials: bool = False
    cookies: int = 0
    cookies_known: bool = False
    refused: int = 0  # other origins, which prove these
    endpoints: int = 1  # how many words `*` stands for, at most
    sockets: int = 0
    some_methods: bool = False  # another rule has the same path

    @property
    def count(self) -> int:
        return sum(span.count for span in self.origins.values())


@dataclass(slots=True)
class Cookies:
    senders: set[str]
    known: set[str]  # a record tells whether they send any


def senders_of_cookies(groups: Iterable[Group]) -> Cookies:
    found = Cookies(set(), set())
    for group in groups:
        for member in group.members:
            for tallies in member.granted.values():
                for origin, tally in tallies.items():
                    if tally.cookies:
                        found.senders.add(origin)
                    if tally.cookies_known:
                        found.known.add(origin)
    return found


def rules_of(
    group: Group,
    proofs: list[Proof],
    held: set[str],
    cookies: Cookies,
    refused_to_probe: Collection[str],
    left: LeftOut,
) -> list[Rule]:
    """One rule for all methods with the same origins and credentials."""
    where = pattern(group.parts)
    proven: set[str] = set().union(*(proof.origins for proof in proofs))
    unsteady: set[str] = set().union(*(proof.unsteady for proof in proofs))
    listed: dict[str, set[str]] = {}
    for member in group.members:
        for origin, methods in member.listed.items():
            listed.setdefault(origin, set()).update(methods)
    units: dict[tuple[frozenset[str], bool], list[tuple[str, dict[str, Tally]]]] = {}
    for method, tallies in _joined(group).items():
        allowed = {}
        for origin, tally in tallies.items():
            why = (
                _unproven(origin, group, origin in unsteady)
                if origin not in proven
                else "it holds the domain of another origin, and is not of that site: is it yours?"
                if origin in held
                else _method_unproven(method, tally, listed.get(origin, set()))
            )
            if why:
                left.add(origin, why, tally.span, where)
            else:
                allowed[origin] = tally
        credentials = {
            origin for origin, tally in allowed.items() if _wants_credentials(origin, tally, cookies)
        }
        if credentials:
            for origin in list(allowed):
                why = _unfit_for_credentials(origin, allowed[origin])
                if why:
                    left.add(origin, why, allowed.pop(origin).span, where)
        elif any(tally.with_credentials for tally in allowed.values()):
            span = _total(allowed.values())
            left.add("credentials: true", "the API allows it, but no request had a Cookie", span, where)
        if allowed:
            units.setdefault((frozenset(allowed), bool(credentials)), []).append((method, allowed))
    granted = {
        (method, origin) for of_unit in units.values() for method, found in of_unit for origin in found
    }
    for member in group.members:
        for method, tallies in member.pending.items():
            for origin, tally in tallies.items():
                if (method, origin) not in granted:
                    left.add(origin, _unknown(origin, member, refused_to_probe), tally.span, where)
    refused = {origin for proof in proofs for origin in proof.refused}
    sockets = sum(member.sockets for member in group.members)
    rules: list[Rule] = []
    for (_, with_credentials), of_methods in units.items():
        rule = Rule(
            group.host, group.parts, credentials=with_credentials, refused=len(refused),
            endpoints=len(group.members), sockets=sockets, some_methods=len(rules) + 1 < len(units),
        )  # fmt: skip
        for method, tallies in of_methods:
            _fill(rule, method, tallies, left)
        rules.append(rule)
    return rules or ([Rule(group.host, group.parts, sockets=sockets)] if sockets else [])


def _unknown(origin: str, endpoint: Endpoint, refused_to_probe: Collection[str]) -> str:
    if endpoint.any_stranger:
        return _ANY_STRANGER
    return "the API refused it when --probe asked" if origin in refused_to_probe else UNKNOWN


def _joined(group: Group) -> dict[str, dict[str, Tally]]:
    joined: dict[str, dict[str, Tally]] = {}
    for member in group.members:
        for method, tallies in member.granted.items():
            into = joined.setdefault(method, {})
            for origin, tally in tallies.items():
                into.setdefault(origin, Tally()).join(tally)
    return joined


def _unproven(origin: str, group: Group, unsteady: bool) -> str:
    if origin == "null":
        return "null is every sandboxed frame, also one of an attacker"
    if any(member.any_stranger for member in group.members):
        return _ANY_STRANGER
    if unsteady:
        return "the API granted it and refused it alike: its rules changed, or a cache answered"
    if any(member.maybe_refused for member in group.members):
        return (
            "the API answered others with an error here, which may have another cause: --probe tells,"
            " or --refusal-status, if this is how it refuses origins"
        )
    if any(member.refused for member in group.members):
        return "the API refused others here, but not a request like these: --probe tells"
    return "the API refused nobody here, so it may grant every origin: --probe tells"


def _method_unproven(method: str, tally: Tally, listed: set[str]) -> str:
    """Why no record shows that the API grants the method, or "".

    A request alone does not where the method needs a preflight: browsers keep the answers to those,
    and other clients send none.
    """
    if tally.preflights or tally.by_browser:
        return ""
    if tally.requests and (method in SAFELISTED or method in listed or STAR in listed):
        return ""
    if tally.failed_preflights:
        return f"the API refused its preflights for {method}: the method or a header"
    return f"no preflight for {method} was seen: it was cached, or another client sent it; --probe tells"


def _wants_credentials(origin: str, tally: Tally, cookies: Cookies) -> bool:
    """Where the record does not tell about cookies, the API's word counts: it proved the origin."""
    return bool(tally.with_credentials) and (origin in cookies.senders or origin not in cookies.known)


def _unfit_for_credentials(origin: str, tally: Tally) -> str:
    """Why an origin cannot be on a route with `credentials: true`, or ""."""
    if not tally.with_credentials:
        return "the API grants it without credentials, and others on this route with them"
    if origin.startswith("http:") and not is_loopback(host_of(origin)):
        return "an attacker in the network can change an http page, and it would have cookies"
    return ""


def _total(tallies: Iterable[Tally]) -> Span:
    total = Span()
    for tally in tallies:
        total.join(tally.span)
    return total


def _fill(rule: Rule, method: str, allowed: dict[str, Tally], left: LeftOut) -> None:
    for origin, tally in allowed.items():
        rule.origins.setdefault(origin, Span()).join(tally.span)
        if tally.probes:
            rule.probed.add(origin)
        rule.methods[method] = rule.methods.get(method, 0) + tally.span.count
        rule.cookies += tally.cookies
        rule.cookies_known |= tally.cookies_known
        for name, count in tally.headers.items():
            if _may_be_sent(name):
                rule.headers[name] = rule.headers.get(name, 0) + count
            else:
                left.add(
                    f"header {name}", "a page must not set it, or it changes what the API does", Span(count)
                )
        for name, count in tally.expose.items():
            if name and set(name) <= _NAME:
                rule.expose[name.lower()] = rule.expose.get(name.lower(), 0) + count
            elif name == STAR:
                left.add('expose: "*"', "it exposes every header: list those that pages read", Span(count))


def _may_be_sent(name: str) -> bool:
    raw = name.encode("utf-8", "replace")
    return bool(name) and set(name) <= _NAME and grantable_header(raw) and (
        raw == AUTHORIZATION or raw not in UNCOVERED
    )  # fmt: skip
