"""A `fetch()` call as a question: what browsers copy as “Copy as fetch”."""

import json
import re
from dataclasses import replace
from typing import Any, Final

import yaml

from ..policy.model import Policy
from .recorded import RecordedQuestion, from_header_lines

_CALL: Final = re.compile(r"(?:await\s+)?(?:window\.)?fetch\s*\(", re.ASCII)


def is_fetch(text: str) -> bool:
    return _CALL.match(text.lstrip()) is not None


def read_fetch(policy: Policy, text: str, origin: str | None = None) -> RecordedQuestion:
    """`origin` is the page's, where the call does not tell it by its referrer.

    Raises ValueError where `text` is not such a call.
    """
    arguments = _arguments(text) or [None]
    url, options = arguments[0], arguments[1] if len(arguments) > 1 else {}
    if not isinstance(url, str) or not isinstance(options, dict):
        raise ValueError("not a call that browsers copy: expected fetch(URL, {…})")
    found = options.get("headers") or {}
    if not isinstance(found, dict):
        raise ValueError("the headers of the call are not an object of names and values")
    lines = [(str(name), str(value)) for name, value in found.items()]
    origin = origin or _origin(lines, options)
    if not origin:
        raise ValueError("the call does not tell the page's origin: add --origin ORIGIN")
    lines = [line for line in lines if line[0].lower() != "origin"] + [("Origin", origin)]
    method = str(options.get("method") or "GET")
    recorded = from_header_lines(policy, f"fetch {url}", url.partition("#")[0], method, lines)
    credentials = str(options.get("credentials") or "same-origin")
    unknown = [each for each in recorded.unknown if not each.startswith("no Cookie")]
    if options.get("mode") == "no-cors":
        unknown.append("mode: no-cors shows the page no response: this is told as mode: cors")
    question = replace(
        recorded.question,
        credentials=credentials == "include"
        or (credentials == "same-origin" and recorded.question.same_origin),
    )
    return RecordedQuestion(recorded.source, question, tuple(unknown))


def _arguments(text: str) -> list[Any]:
    """The arguments, which are JSON in the main browsers; other literals are nearly YAML."""
    inside = _CALL.sub("", text.strip(), count=1).rstrip(" \t\r\n;")
    if not is_fetch(text) or not inside.endswith(")"):
        raise ValueError("not a fetch() call")
    listed = f"[{inside[:-1].rstrip().rstrip(',')}]"
    try:
        return list(json.loads(listed))
    except (ValueError, RecursionError):
        pass
    try:
        return list(yaml.safe_load(listed.replace("\t", " ")))
    except (yaml.YAMLError, RecursionError):
        raise ValueError("the arguments of the fetch() call are not literals") from None


def _origin(lines: list[tuple[str, str]], options: dict[str, Any]) -> str:
    headers = {name.lower(): value for name, value in lines}
    if headers.get("origin"):
        return headers["origin"]
    scheme, separator, rest = str(options.get("referrer") or headers.get("referer", "")).partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if separator else ""
