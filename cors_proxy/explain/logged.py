"""A decision from the access log or the admin page, as the question that led to it.

A preflight becomes the request behind it.  What the record does not hold is reported as unknown,
and no change is proposed for a record that is incomplete: it could not be verified.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..cors.escape import LIMIT, escaped, shown
from ..cors.names import SAFELISTED_METHODS, is_token
from ..cors.reason import Reason
from ..policy.model import Policy
from .change import ADVICE
from .question import Question, parse_question
from .recorded import RecordedQuestion

_LONGEST_ESCAPE: Final = 12  # characters: a surrogate pair
# The record does not hold what made these, and no policy forwards them.
_UNFIXABLE: Final = {
    reason.value: ADVICE[reason]
    for reason in (
        Reason.REPEATED_HEADER,
        Reason.HEADER_BYTES,
        Reason.REQUEST_METHOD_MALFORMED,
        Reason.REQUEST_HEADERS_MALFORMED,
    )
}


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """The fields of a record; "" or None for what it does not hold."""

    method: str
    path: str
    origin: str | None = None
    host: str = ""
    scheme: str = ""
    kind: str = ""
    reason: str = ""
    detail: str = ""
    asked_method: str | None = None
    asked_headers: tuple[str, ...] | None = None
    asked_private_network: bool = False
    cut: tuple[str, ...] = ()  # which of the others may be longer


def may_be_cut(value: str) -> bool:
    """Whether the log may have cut a value; it cuts at `LIMIT`, never inside an escape."""
    raw = value.encode("utf-8", "surrogatepass")
    length = len(escaped(raw, len(raw) * _LONGEST_ESCAPE))
    return length == LIMIT or (length != len(value) and length > LIMIT - _LONGEST_ESCAPE)


def rebuild(policy: Policy, logged: LoggedDecision) -> RecordedQuestion:
    """Raises ValueError where path or Host are none."""
    origin = logged.origin
    if origin is not None and not origin.isprintable():
        origin = _ascii(origin).decode("ascii")
    question = replace(
        parse_question(policy, _where(logged), origin),
        method=_ascii(logged.method),
    )
    # A preflight is an OPTIONS request with Origin.  The log's text form does not tell its kind.
    preflight = logged.kind == "preflight" or (
        not logged.kind and logged.method == "OPTIONS" and logged.origin is not None
    )
    if logged.reason == Reason.CROSS_SITE.value:
        question = replace(question, headers=((b"Sec-Fetch-Site", b"cross-site"),))
    unknown, incomplete = [], ""
    if not preflight:
        unknown.append(
            "the log holds no query and no header lines: the headers that the page set and its credentials"
            " mode are unknown"
        )
    elif logged.asked_method is not None and logged.asked_headers is not None:
        unknown.append(
            "the log holds no query, no values of headers, and does not say if the page sends credentials"
        )
        question = _asked(question, logged.asked_method, logged.asked_headers, logged.asked_private_network)
    else:
        question, missing = _stand_in(question, logged)
        unknown.append(f"the log holds no query, and does not say {missing}")
        incomplete = f"the log does not say {missing}, so no change can be verified"
    if logged.cut:
        names = " and ".join(logged.cut)
        unknown.append(f"the log cuts values: the {names} may be longer")
        incomplete = f"the line was cut: the {names} may be longer, so no change can be verified"
    if preflight and question.same_origin:
        unknown.append("a browser sends no preflight to its own origin: another client sent this one")
    return RecordedQuestion(
        f"{logged.method} {logged.path}",
        question,
        tuple(unknown),
        logged.reason,
        incomplete,
        _UNFIXABLE.get(logged.reason, ""),
    )


def _ascii(value: str) -> bytes:
    """What no browser sends is told as it is shown: no policy allows it in either form."""
    return shown(value.encode("utf-8", "surrogatepass")).encode("ascii")


def _where(logged: LoggedDecision) -> str:
    if not logged.host:
        return logged.path
    scheme = logged.scheme or "http"
    if logged.origin == f"https://{logged.host}":
        # TLS ends in front of the proxy: no page loaded by https sends plain HTTP.
        scheme = "https"
    if logged.kind == "websocket":
        scheme = scheme.replace("http", "ws")
    return f"{scheme}://{logged.host}{logged.path}"


def _asked(question: Question, method: str, names: Sequence[str], private_network: bool) -> Question:
    """The method is not normalised as by a browser: the proxy judged the one that was asked for."""
    headers = tuple(name.encode("ascii") for name in names if is_token(name.encode("utf-8", "replace")))
    return replace(
        question,
        method=_ascii(method),
        headers=tuple((name, None) for name in headers),
        asked_headers=headers,
        private_network=private_network,
        upload_listener=_ascii(method) in SAFELISTED_METHODS and not headers,
    )


def _stand_in(question: Question, logged: LoggedDecision) -> tuple[Question, str]:
    """The request as far as an older line tells it, and what that line does not tell."""
    if logged.reason == Reason.METHOD_NOT_ALLOWED.value and logged.detail:
        return _asked(question, logged.detail, (), False), "which headers the preflight asked for"
    names = [logged.detail] if logged.reason == Reason.HEADER_NOT_ALLOWED.value and logged.detail else []
    others = "which other headers" if names else "which headers"
    return _asked(question, "POST", names, False), (
        f"which method and {others} the preflight asked for (a POST stands for the request)"
    )
