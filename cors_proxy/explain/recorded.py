"""A question from recorded header lines: which of them the page set, and what stays unknown."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from ..cors.names import forbidden_header, is_token
from ..cors.request_headers import parse
from ..policy.model import Policy
from .browser import Explanation
from .question import Header, Question, parse_question

# Browsers set these themselves.  A recording does not tell whether the page set one as well.
_SET_BY_BROWSERS: Final = frozenset(
    (
        b"user-agent accept-encoding referer priority cache-control pragma accept accept-language"
        b" upgrade-insecure-requests"
    ).split()
)


@dataclass(frozen=True, slots=True)
class RecordedQuestion:
    """A question from a log, a HAR file or a command line."""

    source: str  # for the headline
    question: Question
    unknown: tuple[str, ...] = ()  # what the recording does not tell
    expected: str = ""  # the reason that was recorded, "" where none was
    incomplete: str = ""  # why no change can be verified
    unfixable: str = ""  # why no policy would allow it, although the question does not show it


@dataclass(slots=True)
class SortedLines:
    """Recorded request lines, by who set them."""

    origin: str | None = None
    page: list[Header] = field(default_factory=list)
    all: list[Header] = field(default_factory=list)  # without Host and Origin
    browser: list[str] = field(default_factory=list)  # names of `_SET_BY_BROWSERS`
    cookie: bool = False
    requested_method: str | None = None  # of a preflight
    requested_headers: tuple[bytes, ...] = ()


def sort_header_lines(lines: Iterable[tuple[str, str]]) -> SortedLines:
    """Names in any letter case; HTTP/2 pseudo-headers (`:path`) are ignored."""
    result = SortedLines()
    for name, value in lines:
        lower = name.lower().encode("utf-8")
        if not is_token(lower):
            continue
        if lower not in (b"host", b"origin"):
            result.all.append((name.encode("utf-8"), value.encode("utf-8")))
        if lower == b"origin":
            result.origin = value
        elif lower == b"cookie":
            result.cookie = True
        elif lower == b"access-control-request-method":
            result.requested_method = value
        elif lower == b"access-control-request-headers":
            result.requested_headers += (value.encode("utf-8"),)
        elif lower in _SET_BY_BROWSERS:
            result.browser.append(name.lower())
        elif not forbidden_header(lower):
            result.page.append((name.encode("utf-8"), value.encode("utf-8")))
    return result


def from_header_lines(
    policy: Policy, source: str, where: str, method: str, lines: Iterable[tuple[str, str]]
) -> RecordedQuestion:
    """A preflight becomes the request it asks for.  Raises ValueError like `parse_question`."""
    found = sort_header_lines(lines)
    unknown = []
    asked: tuple[bytes, ...] | None = None
    # Without Origin no browser rule applies: the client set every header itself.
    headers = tuple(found.all if found.origin is None else found.page)
    if method.upper() == "OPTIONS" and found.origin is not None and found.requested_method is not None:
        method = found.requested_method
        asked = tuple(parse(found.requested_headers) or ())
        headers = tuple((name, None) for name in asked)
        unknown.append("a preflight tells neither the values of the headers nor the credentials mode")
    elif found.origin is not None and found.browser:
        names = ", ".join(sorted(set(found.browser)))
        unknown.append(f"assumed to be set by the browser, not by the page: {names}")
    if not found.cookie and found.origin is not None:
        unknown.append("no Cookie was recorded: assumed to be without credentials")
    question = replace(
        parse_question(policy, where, found.origin, method),
        headers=headers,
        asked_headers=asked,
        credentials=found.origin is not None and found.cookie,
    )
    return RecordedQuestion(source, question, tuple(unknown))


def differences(recorded: RecordedQuestion, explanation: Explanation) -> list[str]:
    """A note where the explanation does not have the reason that was recorded."""
    reasons = [step.exchange.decision.reason.value for step in explanation.steps]
    if not recorded.expected or recorded.expected in reasons:
        return []
    return [
        f"the log says {recorded.expected}, this says {reasons[-1] if reasons else 'nothing'}:"
        " the policy differs, or what is unknown"
    ]
