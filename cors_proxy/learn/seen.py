"""One request that a record tells of: what was asked, and what the API itself granted."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """What a preflight asks for; header names in lower case."""

    method: str
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Granted:
    """The CORS headers of the API's own response.  `origin` is "" where it sent no Allow-Origin."""

    origin: str = ""
    credentials: bool = False
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    expose: tuple[str, ...] = ()


def granted_by(lines: Iterable[tuple[str, str]]) -> Granted:
    """By the header lines of a response."""
    found = [(name.lower(), value.strip(" \t")) for name, value in lines]

    def values(name: str) -> str:
        return ", ".join(value for key, value in found if key == f"access-control-{name}")

    def members(name: str) -> tuple[str, ...]:
        return tuple(filter(None, (member.strip() for member in values(name).split(","))))

    return Granted(
        values("allow-origin"),
        values("allow-credentials") == "true",
        members("allow-methods"),
        members("allow-headers"),
        members("expose-headers"),
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """Values are as the client and the API sent them: code that prints them has to escape them."""

    method: str
    path: str  # without the query
    origin: str | None = None
    host: str = ""  # "" where the record does not tell
    time: str = ""  # as the record has it
    status: int = 0
    asked: Asked | None = None  # of a preflight
    websocket: bool = False
    granted: Granted | None = None  # None: the record does not tell
    cookie: bool | None = None  # None: the record does not tell
    # The unsafe request headers that a page set; only a browser's own record tells
    sent: tuple[str, ...] | None = None
    probed: bool = False  # by `learn` itself, so it is no use of the API
    count: int = 1  # requests alike; `time` is that of the first, `last` that of the last
    last: str = ""
