"""Counts: how often and when, what one origin was granted, what one endpoint showed."""

from dataclasses import dataclass, field
from typing import Final

from ..cors.names import SAFELISTED_METHODS
from .paths import Template

SAFELISTED: Final = frozenset(method.decode("ascii") for method in SAFELISTED_METHODS)
# What a refused request asked for: its kind, its method, its header names
Form = tuple[str, str, frozenset[str]]


@dataclass(slots=True)
class Span:
    """How often, and when."""

    count: int = 0
    first: str = ""
    last: str = ""

    def add(self, time: str, count: int = 1, last: str = "") -> None:
        self.count += count
        if time and (not self.first or time < self.first):
            self.first = time
        self.last = max(self.last, time, last)

    def join(self, other: "Span") -> None:
        self.count += other.count
        self.first = min(filter(None, (self.first, other.first)), default="")
        self.last = max(self.last, other.last)


@dataclass(slots=True)
class Tally:
    """What the API granted one origin for one method."""

    span: Span = field(default_factory=Span)
    requests: int = 0
    preflights: int = 0  # that passed
    failed_preflights: int = 0  # the origin was granted, the method or a header was not
    with_credentials: int = 0  # Allow-Credentials: true
    cookies: int = 0
    cookies_known: bool = False
    by_browser: bool = False  # a HAR file has the request, so its preflight passed
    headers: dict[str, int] = field(default_factory=dict)
    expose: dict[str, int] = field(default_factory=dict)
    asked: set[frozenset[str]] = field(default_factory=set)  # header names of preflights that passed
    probes: int = 0  # granted when `learn` asked

    def join(self, other: "Tally") -> None:
        self.span.join(other.span)
        self.requests += other.requests
        self.preflights += other.preflights
        self.failed_preflights += other.failed_preflights
        self.with_credentials += other.with_credentials
        self.cookies += other.cookies
        self.cookies_known |= other.cookies_known
        self.by_browser |= other.by_browser
        self.probes += other.probes
        self.asked |= other.asked
        for into, names in ((self.headers, other.headers), (self.expose, other.expose)):
            for name, count in names.items():
                into[name] = into.get(name, 0) + count


@dataclass(slots=True)
class Endpoint:
    """One template of a path, at one host."""

    host: str
    parts: Template
    granted: dict[str, dict[str, Tally]] = field(default_factory=dict)  # by method and origin
    listed: dict[str, set[str]] = field(default_factory=dict)  # by origin: methods in a preflight's answer
    refused: dict[str, Span] = field(default_factory=dict)  # by origin
    refused_forms: dict[str, set[Form]] = field(default_factory=dict)  # by origin
    named_another: set[str] = field(default_factory=set)  # refused by the name of another origin
    maybe_refused: dict[str, Span] = field(default_factory=dict)
    # Used, while the records do not tell if it is granted: by method and origin
    pending: dict[str, dict[str, Tally]] = field(default_factory=dict)
    anyone: int = 0
    any_stranger: bool = False  # the probe was granted an origin that nobody has
    sample: str = ""  # a path that was seen, for the probe
    documented: bool = False  # by an OpenAPI file: its words are no values
    sockets: int = 0

    def origins(self) -> set[str]:
        """All that were granted."""
        return {origin for tallies in self.granted.values() for origin in tallies}

    def used(self) -> set[str]:
        """All that were granted, or may be."""
        return self.origins() | {origin for tallies in self.pending.values() for origin in tallies}
