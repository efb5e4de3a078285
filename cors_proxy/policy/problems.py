"""What can be wrong with a policy: the table of codes, and problems that each have a place.

Readers collect problems in one `Findings` and go on, so that a user sees all of them at once.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..cors.place import Place

CODES: dict[str, str] = {
    "E101": "the file cannot be read",
    "E102": "the file is not UTF-8, or has a character that YAML does not allow",
    "E103": "the text is not YAML",
    "E104": "an unquoted `*`: YAML reads it as an alias",
    "E105": "the policy is empty, or is not a mapping",
    "E106": "a key is in one mapping twice",
    "E107": "the policy is too large or too deep, or its aliases expand to too many values",
    "E108": "a variable is not set, or `${…}` is malformed",
    "E109": "YAML that a policy does not use: a second document, a tag, or a key that is not text",
    "E201": "an unknown key",
    "E202": "a required key is missing",
    "E203": "a value of the wrong type: a list or mapping instead of a scalar, the reverse, or no value",
    "E204": "a value that the key does not accept",
    "E205": "an empty list where it would allow nothing",
    "E206": "a key on a route that belongs under `server`",
    "E207": "entries of `upstream` that differ in their scheme or base path",
    "E208": "a key about forwarding, without `upstream`",
    "E209": "`decide.headers` without `dialect: forwarded`",
    "E301": "not an origin, or not spelled as browsers send it",
    "E302": "not a valid origin pattern",
    "E303": "a pattern where an exact origin is required",
    "E304": "a wildcard over a public suffix",
    "E305": "a file of origins cannot be read",
    "E306": "a feed of origins whose URL cannot be used",
    "E307": "`stale` of a feed of origins is not longer than its `every`",
    "E308": "a feed of origins has no valid list",
    "E401": '`origins: "*"` with credentials',
    "E402": "`null` with credentials",
    "E403": "http origins with credentials",
    "E404": "every extension of a browser, with credentials",
    "E405": '`private_network` with `origins: "*"`',
    "E406": "a method that pages cannot send, or that the proxy cannot forward",
    "E407": "a request header that cannot be granted",
    "E408": "a response header that cannot be exposed",
    "E409": "`embed` lists a destination whose requests carry Origin",
    "E410": "`storage_access: retry` without credentials",
    "E411": "`storage_access: retry` where requests without Origin are refused",
    "E501": "not a valid path pattern",
    "E502": "a name that another route has",
    "E503": "`mode: report` on a route with `cors: off`",
    "E504": "`amp` on a route with `cors: off`",
    "E505": "`amp` with neither `publisher` nor `email`, or with both",
    "E506": '`origins: "*"` on an AMP route',
    "E507": "`strip_prefix` is not a prefix of the route's path",
    "E508": "a word of `dangerously_allow` that works at the top level only",
    "E509": "two routes that differ only in case, parameters or a trailing slash",
    "E510": "an entry of `assert` that says nothing, or two things",
    "E511": "an assertion of `assert` that does not hold",
    "E512": "an assertion that cannot be proved: the policy has too many combinations",
    "E601": "a file of `server.tls` or `server.upstream_tls` cannot be read or used",
    "E602": "a package that the policy needs is not installed",
    "E701": "a reload cannot change this key",
    "W201": "neither `self_origins` nor `hosts` is set, so the API's own pages can be refused",
    "W207": "an entry of `upstream` is listed twice",
    "W301": "an origin is listed twice",
    "W302": '`"*"` beside other entries',
    "W303": "a wildcard over a public suffix, permitted by `dangerously_allow`",
    "W402": "`null` without credentials: any page can send it",
    "W403": "http origins with credentials, permitted by `dangerously_allow`",
    "W404": "every extension of a browser",
    "W405": "`max_age` is above Chromium's maximum",
    "W406": "`isolate` where browsers send no fetch metadata: plain HTTP",
    "W501": "a route that never matches, because an earlier route matches first",
    "W502": "a path that hardly matches a request: a parameter, a regular expression, or a last slash",
    "W508": "`dangerously_allow` lets ambiguous paths through",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One error (`E…`) or warning (`W…`): place, code, message, and what to write instead."""

    place: Place
    code: str
    message: str
    hint: str = ""

    def __post_init__(self) -> None:
        assert self.code in CODES, self.code

    @property
    def error(self) -> bool:
        """Whether it stops the start (`E…`)."""
        return self.code.startswith("E")

    def __str__(self) -> str:
        head = f"{self.place.exact}  {self.code}  {self.message}"
        return f"{head}\n    {self.hint}" if self.hint else head


class PolicyProblems(Exception):
    """A policy was refused.

    `problems` has all its errors and warnings, in the order of their places.  `files` are the files
    that were read to find them, so that a watcher knows what to watch.
    """

    def __init__(self, problems: Iterable[Problem], files: Iterable[str] = ()) -> None:
        self.problems = list(problems)
        self.files = tuple(files)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(slots=True)
class Findings:
    """Collects problems while a policy is read.

    Routes inherit keys, so one problem may be found many times.  It is kept once per place and
    code.
    """

    found: dict[tuple[Place, str], Problem] = field(default_factory=dict)

    def add(self, place: Place, code: str, message: str, hint: str = "") -> None:
        """Keep a problem, unless this place has one with this code already."""
        self.found.setdefault((place, code), Problem(place, code, message, hint))

    @property
    def failed(self) -> bool:
        """Whether one of the problems is an error."""
        return any(problem.error for problem in self.found.values())

    def sorted(self, first: str) -> list[Problem]:
        """All problems in the order of their places; those of the file `first` come first."""
        return sorted(self.found.values(), key=lambda p: (p.place.file != first, p.place, p.code))


def quote(text: str, limit: int = 80) -> str:
    """A value for a message: in double quotes, on one line, printable, at most `limit` characters.

    A policy may hold any character.  An escape sequence must not reach the terminal, and a line
    break must not forge another problem.
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in json.dumps(cut, ensure_ascii=False))
