"""Every CORS exchange in a browser's HAR file (http://www.softwareishard.com/blog/har-12-spec/), as questions.

Exporters leave out cookies, preflights and the headers of requests that failed: what is not there is said to be unknown."""

import json
from dataclasses import replace
from typing import Any

from ..policy.model import Policy
from .browser import explain
from .question import SCHEMES, Question
from .recorded import Recorded, sort_out, to_question


def read_har(policy: Policy, text: str) -> list[Recorded]:
    """In the order of the file; without preflights whose request is there too.  ValueError where it is no HAR."""
    try:
        entries: Any = json.loads(text.removeprefix("\ufeff"))["log"]["entries"]
        requests = [(entry["request"], entry) for entry in entries]
        asked = [_read(policy, request, entry) for request, entry in requests if _is_http(request["url"])]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a HAR file: {error!r}") from None
    cors = [
        each
        for each in asked
        if each is not None and not each[0].question.same_origin and _ours(policy, each[0].question)
    ]
    real = {_key(recorded.question) for recorded, preflight in cors if not preflight}
    return [recorded for recorded, preflight in cors if not preflight or _key(recorded.question) not in real]


def _is_http(url: str) -> bool:
    return url.partition("://")[0].lower() in SCHEMES


def _key(question: Question) -> tuple[bytes | None, bytes, str]:
    return question.origin, question.method, question.url


def _ours(policy: Policy, question: Question) -> bool:
    """Whether the URL is this API's, as far as the policy says what that is called."""
    own = policy.site.self_origins
    if own is None and policy.site.hosts is None:
        return True
    return (own is not None and question.url_origin in own) or (
        policy.site.hosts is not None and policy.site.hosts.names(question.host)
    )


def _read(policy: Policy, request: Any, entry: Any) -> tuple[Recorded, bool] | None:
    """The question, and whether it was a preflight; None where no page of another origin is behind the request."""
    lines = [(str(line["name"]), str(line["value"])) for line in request["headers"]]
    method, url = str(request["method"]), str(request["url"])
    status = entry.get("response", {}).get("status", 0)
    found = sort_out(lines)
    guess = (
        "" if found.origin is not None or entry.get("_resourceType") not in ("fetch", "xhr") else _page(lines)
    )
    if found.origin is None and not guess:
        return None
    recorded = to_question(
        policy,
        f"{method} {url}",
        url.partition("#")[0],
        method,
        [*lines, ("Origin", guess)] if guess else lines,
    )
    unknown = list(recorded.unknown)
    if guess:
        unknown.append(f"no Origin was recorded: {guess} is that of the Referer")
    if not status:
        unknown.append(
            "the browser recorded no answer"
            + (f": {entry['response']['_error']}" if entry["response"].get("_error") else "")
        )
    preflight = method == "OPTIONS" and found.asked_method is not None
    question = recorded.question
    with_credentials = replace(question, credentials=True)
    if not status and explain(policy, question).allowed and not explain(policy, with_credentials).allowed:
        question = with_credentials
        unknown.append(
            "the policy allows it without credentials, and it failed: taken for one with credentials"
        )
    return Recorded(f"{recorded.source} (status {status})", question, tuple(unknown)), preflight


def _page(lines: list[tuple[str, str]]) -> str:
    """The origin of the Referer: a request that failed in its preflight is recorded as the page made it, without Origin."""
    for name, value in lines:
        scheme, mark, rest = value.partition("://")
        if name.lower() == "referer" and mark:
            return f"{scheme}://{rest.partition('/')[0]}"
    return ""
