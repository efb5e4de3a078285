"""From header lines that somebody recorded to a question: what of them was the page's doing, and what cannot be known."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from ..cors.names import forbidden_header, is_token
from ..cors.request_headers import parse
from ..policy.model import Policy
from .browser import Explanation
from .question import Header, Question, ask

# Browsers set these themselves; a page that sets one besides cannot be told from one that does not.
_BROWSERS_OWN: Final = frozenset(
    b"user-agent accept-encoding referer priority cache-control pragma accept accept-language upgrade-insecure-requests".split()
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A question with where it is from, and what is uncertain about it."""

    source: str
    question: Question
    unknown: tuple[str, ...] = ()
    expected: str = ""  # the reason that was recorded then


@dataclass(slots=True)
class Lines:
    """Recorded request lines, taken apart."""

    origin: str | None = None
    page: list[Header] = field(default_factory=list)
    every: list[Header] = field(default_factory=list)  # but Host and Origin
    guessed: list[str] = field(default_factory=list)
    cookie: bool = False
    asked_method: str | None = None
    asked_headers: tuple[bytes, ...] = ()


def sort_out(lines: Iterable[tuple[str, str]]) -> Lines:
    """Names in any case; pseudo headers (`:path`) are none."""
    found = Lines()
    for name, value in lines:
        lower = name.lower().encode("utf-8")
        if not is_token(lower):
            continue
        if lower not in (b"host", b"origin"):
            found.every.append((name.encode("utf-8"), value.encode("utf-8")))
        if lower == b"origin":
            found.origin = value
        elif lower == b"cookie":
            found.cookie = True
        elif lower == b"access-control-request-method":
            found.asked_method = value
        elif lower == b"access-control-request-headers":
            found.asked_headers += (value.encode("utf-8"),)
        elif lower in _BROWSERS_OWN:
            found.guessed.append(name.lower())
        elif not forbidden_header(lower):
            found.page.append((name.encode("utf-8"), value.encode("utf-8")))
    return found


def to_question(
    policy: Policy, source: str, where: str, method: str, lines: Iterable[tuple[str, str]]
) -> Recorded:
    """A preflight stands for the request that it asks for.  ValueError where a part is none."""
    found = sort_out(lines)
    unknown = []
    headers = tuple(
        found.every if found.origin is None else found.page
    )  # no page, no browser: all of it was the client's
    if method.upper() == "OPTIONS" and found.origin is not None and found.asked_method is not None:
        method = found.asked_method
        headers = tuple((name, None) for name in parse(found.asked_headers) or ())
        unknown.append(
            "it is a preflight: the values of the headers, and whether credentials are sent, stand in no preflight"
        )
    elif found.origin is not None and found.guessed:
        unknown.append(
            f"taken for the browser's own, not for the page's: {', '.join(sorted(set(found.guessed)))}"
        )
    if not found.cookie and found.origin is not None:
        unknown.append("no Cookie was recorded: the request is taken for one without credentials")
    base = ask(policy, where, found.origin, method)
    question = replace(base, headers=headers, credentials=found.origin is not None and found.cookie)
    return Recorded(source, question, tuple(unknown))


def differs(recorded: Recorded, explanation: Explanation) -> list[str]:
    """Where the reason is not the one that was recorded then."""
    found = [step.made.decision.reason.value for step in explanation.steps]
    if not recorded.expected or recorded.expected in found:
        return []
    return [
        f"the log says {recorded.expected}, this says {found[-1] if found else 'nothing'}: the policy, or what is unknown, differs"
    ]
