"""The CORS requests in a browser's HAR file, as questions.

http://www.softwareishard.com/blog/har-12-spec/.  Browsers leave out cookies, preflights and the
headers of failed requests; what is missing is reported as unknown.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from ..cors.fetch import preflight_check
from ..policy.model import Policy
from .browser import explain
from .question import SCHEMES, Question
from .recorded import RecordedQuestion, from_header_lines, sort_header_lines


def read_har(policy: Policy, content: str) -> list[RecordedQuestion]:
    """In the order of the file, without preflights whose own request is in the file too.

    Raises ValueError where `content` is not a HAR file.
    """
    try:
        entries: Any = json.loads(content.removeprefix("\ufeff"))["log"]["entries"]
        requests = [(entry["request"], entry) for entry in entries]
        read = [
            _read_entry(policy, request, entry) for request, entry in requests if _is_http(request["url"])
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a HAR file: {error!r}") from None
    cors = [
        entry
        for entry in filter(None, read)
        if not entry.recorded.question.same_origin and _is_for_this_api(policy, entry.recorded.question)
    ]
    waiting = [entry for entry in cors if not entry.preflight]
    return [entry.recorded for entry in cors if not entry.preflight or not _take(waiting, entry)]


@dataclass(frozen=True, slots=True)
class _Entry:
    recorded: RecordedQuestion
    preflight: bool
    blocked: bool  # the browser had no response, or refused that of the preflight


def _take(requests: list[_Entry], preflight: _Entry) -> bool:
    """Whether the file has the request behind a preflight, which tells more.

    Each blocked preflight takes one failed request out of the list: another request to the same URL
    may have succeeded, with other headers or at another time.  One that passed may stand for many.
    """
    asked = set(preflight.recorded.question.asked_headers or ())
    for entry in requests:
        question = entry.recorded.question
        if _identity(question) != _identity(preflight.recorded.question):
            continue
        if not preflight.blocked:
            return True
        if entry.blocked and asked <= {name.lower() for name, _ in question.headers}:
            requests.remove(entry)
            return True
    return False


def _is_http(url: str) -> bool:
    return url.partition("://")[0].lower() in SCHEMES


def _identity(question: Question) -> tuple[bytes | None, bytes, str]:
    return question.origin, question.method, question.url


def _is_for_this_api(policy: Policy, question: Question) -> bool:
    """By `self_origins` and `hosts`; True for each URL where the policy has neither."""
    self_origins, hosts = policy.site.self_origins, policy.site.hosts
    if self_origins is None and hosts is None:
        return True
    return (self_origins is not None and question.url_origin in self_origins) or (
        hosts is not None and hosts.matches(question.host)
    )


def _read_entry(policy: Policy, request: Any, entry: Any) -> _Entry | None:
    """None where no page of another origin made the request."""
    lines = [(str(line["name"]), str(line["value"])) for line in request["headers"]]
    method, url = str(request["method"]), str(request["url"])
    status = entry.get("response", {}).get("status", 0)
    sorted_lines = sort_header_lines(lines)
    referer_origin = ""
    if sorted_lines.origin is None:
        if entry.get("_resourceType") in ("fetch", "xhr"):
            referer_origin = _referer_origin(lines)
        if not referer_origin:
            return None
        lines.append(("Origin", referer_origin))
    recorded = from_header_lines(policy, f"{method} {url}", url.partition("#")[0], method, lines)
    unknown = list(recorded.unknown)
    if referer_origin:
        unknown.append(f"no Origin was recorded: {referer_origin} is that of the Referer")
    if not status:
        error = entry["response"].get("_error")
        unknown.append("the browser recorded no response" + (f": {error}" if error else ""))
    preflight = method == "OPTIONS" and sorted_lines.requested_method is not None
    question = recorded.question
    with_credentials = replace(question, credentials=True)
    # No HAR file tells the credentials mode.  If it alone explains the failure, it is assumed.
    if not status and explain(policy, question).allowed and not explain(policy, with_credentials).allowed:
        question = with_credentials
        unknown.append(
            "the request failed, and the policy allows it without credentials: assumed to be with credentials"
        )
    blocked = not status or (preflight and _refused(question, status, entry["response"]))
    source = f"{recorded.source} (status {status})"
    return _Entry(RecordedQuestion(source, question, tuple(unknown)), preflight, blocked)


def _refused(question: Question, status: int, response: Any) -> bool:
    """Whether a browser refused the recorded response to a preflight.

    It made the check with credentials or without; what it refuses in both cases was refused.
    """
    lines = [
        (str(line["name"]).encode("utf-8"), str(line["value"]).encode("utf-8"))
        for line in response.get("headers", ())
    ]
    asked = question.asked_headers or ()
    origin = question.origin or b""
    return preflight_check(origin, False, question.method, asked, status, lines) is not None


def _referer_origin(lines: list[tuple[str, str]]) -> str:
    """The origin of the Referer, "" where there is none.

    Chromium records a request that failed in its preflight without its Origin.
    """
    for name, value in lines:
        scheme, separator, rest = value.partition("://")
        if name.lower() == "referer" and separator:
            return f"{scheme}://{rest.partition('/')[0]}"
    return ""
