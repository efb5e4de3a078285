"""Explanations for the page: a form in, JSON out.

`routes` imports this module on the first request: it costs each process a megabyte.
"""

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

MAX_HEADERS: Final = 50
_FIELDS: Final = {
    "where": str,
    "origin": str,
    "method": str,
    "headers": list,
    "credentials": bool,
    "upload_listener": bool,
}


def to_question(policy: Policy, form: Any) -> Question:
    """Raises ValueError for a form with missing or invalid fields."""
    if not isinstance(form, dict) or any(
        not isinstance(form.get(key), field_type) for key, field_type in _FIELDS.items()
    ):
        raise ValueError(f"expected {', '.join(_FIELDS)}")
    headers = form["headers"]
    if len(headers) > MAX_HEADERS or not all(isinstance(line, str) for line in headers):
        raise ValueError(f"headers: expected up to {MAX_HEADERS} strings")
    origin = form["origin"] or None
    return parse_question(
        policy,
        form["where"],
        origin,
        form["method"],
        headers,
        form["credentials"],
        form["upload_listener"],
    )


def answer(policy: Policy, question: Question) -> dict[str, Any]:
    """The document, and in `lines` the policy lines that it names.

    There is a change only if the policy was read from a file.
    """
    source = policy_text(policy)
    change: Change | None = None
    if source is not None:
        try:
            change = propose(source, source.read(), question)
        except PolicyProblems:
            change = Change(why_none="the policy file has changed since it was loaded, and now has errors")
    result = document(explain(policy, question), change)
    quote = PolicyQuote(source)
    return result | {"lines": {rule: quote(Place(*_split(rule), 1)) for rule in _rules(result)}}


def policy_text(policy: Policy) -> PolicyText | None:
    """The text of the policy's file, None if it does not come from a file."""
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
