"""What can be wrong with a policy: a closed table of codes, and problems that each name their place.

Every problem of a policy is found before any is reported, so readers collect into one `Findings`; nothing here is raised half-way."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..cors.place import Place

CODES: dict[str, str] = {
    "E101": "the file cannot be read",
    "E102": "not UTF-8, or a character that YAML does not allow",
    "E103": "not YAML",
    "E104": "an unquoted * (YAML takes it for an alias)",
    "E105": "empty, or not a mapping",
    "E106": "a key stands twice in one mapping",
    "E107": "too large, too deep, or aliases that expand without measure",
    "E108": "a variable is not set, or `${…}` is not well formed",
    "E109": "YAML that a policy has no use for: another document, a tag, a key that is no text",
    "E201": "an unknown key",
    "E202": "a required key is missing",
    "E203": "the wrong kind of value: a list or mapping for a scalar, or the reverse; or nothing",
    "E204": "a value that its key does not take",
    "E205": "an empty list where an empty list allows nobody",
    "E206": "a key of connections, on a route",
    "E301": "not an origin, or not spelled as a browser sends it",
    "E302": "not a pattern of origins",
    "E303": "a pattern where an exact origin belongs",
    "E304": "a wildcard over a public suffix",
    "E305": "a file of origins cannot be read",
    "E401": 'origins: "*" with credentials',
    "E402": "null with credentials",
    "E403": "http origins with credentials",
    "E404": "any extension of a browser, with credentials",
    "E405": 'private_network with origins: "*"',
    "E406": "a method that no page can send, or that the edge cannot carry",
    "E407": "a request header that cannot be granted",
    "E408": "a response header that cannot be exposed",
    "E501": "not a path pattern",
    "E502": "a name that another route has",
    "E503": "mode: report on a route with cors: off",
    "E504": "amp on a route with cors: off",
    "E505": "amp needs a publisher, or email, and not both",
    "E506": 'origins: "*" on an AMP route',
    "E507": "strip_prefix is no prefix of the route's path",
    "E508": "a word of dangerously_allow that cannot stand here",
    "E509": "routes that differ only in case, parameters or a final slash",
    "E601": "a file of server.tls or server.upstream_tls cannot be read or used",
    "E701": "a key that a reload cannot change",
    "W301": "an origin stands twice",
    "W302": '"*" beside others',
    "W303": "a wildcard over a public suffix, allowed by dangerously_allow",
    "W402": "null without credentials: anybody",
    "W403": "http origins with credentials, allowed by dangerously_allow",
    "W404": "any extension of a browser",
    "W405": "max_age above Chromium's cap",
    "W501": "a route that never decides, because of an earlier one",
    "W508": "ambiguous paths are let through by dangerously_allow",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong (`E…`) or doubtful (`W…`): where, which, said in words, and the corrected text."""

    place: Place
    code: str
    message: str
    hint: str = ""

    def __post_init__(self) -> None:
        assert self.code in CODES, self.code

    @property
    def error(self) -> bool:
        return self.code.startswith("E")

    def __str__(self) -> str:
        head = f"{self.place.file}:{self.place.line}:{self.place.column}  {self.code}  {self.message}"
        return f"{head}\n    {self.hint}" if self.hint else head


class PolicyProblems(Exception):
    """A policy that is refused: all its problems, warnings too, in the order of their places; `files` were read to find them."""

    def __init__(self, problems: Iterable[Problem], files: Iterable[str] = ()) -> None:
        self.problems = list(problems)
        self.files = tuple(files)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(slots=True)
class Findings:
    """Collects problems while a policy is read.  The same problem at the same place, met again through inheritance, counts once."""

    found: dict[tuple[Place, str], Problem] = field(default_factory=dict)

    def add(self, place: Place, code: str, message: str, hint: str = "") -> None:
        self.found.setdefault((place, code), Problem(place, code, message, hint))

    @property
    def failed(self) -> bool:
        return any(problem.error for problem in self.found.values())

    def sorted(self, first: str) -> list[Problem]:
        """In the order of their places; those of the file `first` before those of others."""
        return sorted(self.found.values(), key=lambda p: (p.place.file != first, p.place, p.code))


def quote(text: str, limit: int = 80) -> str:
    """A value as it is shown in messages: quoted, on one line, printable, cut at `limit` characters."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in json.dumps(cut, ensure_ascii=False))
