"""The page's explanations: a form in, JSON out.  Loaded when somebody asks for one: it is a megabyte of every process that nobody asks."""

import os
from typing import Any, Final

from ...cors.place import Place
from ...explain.browser import explain
from ...explain.change import Change, PolicyText, propose
from ...explain.document import document
from ...explain.question import Question, parse_question
from ...explain.quote import PolicyQuote
from ...policy.files import decode_utf8, read_file
from ...policy.model import Policy
from ...policy.problems import PolicyProblems

HEADERS_AT_MOST: Final = 50
_KINDS: Final = {
    "where": str,
    "origin": str,
    "method": str,
    "headers": list,
    "credentials": bool,
    "upload_listener": bool,
}


def to_question(policy: Policy, asked: Any) -> Question:
    """ValueError where the form was not filled in as it must be."""
    if not isinstance(asked, dict) or any(
        not isinstance(asked.get(key), kind) for key, kind in _KINDS.items()
    ):
        raise ValueError(f"expected {', '.join(_KINDS)}")
    headers = asked["headers"]
    if len(headers) > HEADERS_AT_MOST or not all(isinstance(each, str) for each in headers):
        raise ValueError(f"headers are up to {HEADERS_AT_MOST} texts")
    origin = asked["origin"] or None
    return parse_question(
        policy,
        asked["where"],
        origin,
        asked["method"],
        headers,
        asked["credentials"],
        asked["upload_listener"],
    )


def answer(policy: Policy, question: Question) -> dict[str, Any]:
    """The explanation, the change (where the policy is a file), and the lines of the policy that are named."""
    source = policy_text(policy)
    change: Change | None = None
    if source is not None:
        try:
            change = propose(source, source.read(), question)
        except PolicyProblems:
            change = Change(why_none="the policy's file was changed since, and is refused as it stands")
    told = document(explain(policy, question), change)
    quote = PolicyQuote(source)
    return told | {"lines": {rule: quote(Place(*_split(rule), 1)) for rule in _rules(told)}}


def policy_text(policy: Policy) -> PolicyText | None:
    """The text of the file that the policy was read from, if it was."""
    version = policy.places.get("version")
    if version is None or version.file not in policy.files:
        return None
    try:
        text = decode_utf8(read_file(version.file), version.file)
    except (OSError, ValueError, PolicyProblems):
        return None
    return PolicyText(text, version.file, os.path.dirname(version.file), os.environ)


def _split(rule: str) -> tuple[str, int]:
    file, _, line = rule.rpartition(":")
    return file, int(line)


def _rules(value: Any) -> set[str]:
    if isinstance(value, dict):
        found = {value["rule"]} if isinstance(value.get("rule"), str) else set()
        return found.union(*map(_rules, value.values()))
    return set().union(*map(_rules, value)) if isinstance(value, list) else set()
