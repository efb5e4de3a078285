"""Explanations for the page: a form in, JSON out.

`routes` imports this module on the first request: it costs each process a megabyte.
"""

import os
from typing import Any, Final

from ...cors.place import Place
from ...explain.browser import explain
from ...explain.change import Change, PolicyText
from ...explain.document import document
from ...explain.logged import LoggedDecision, rebuild
from ...explain.proposal import propose_for_all
from ...explain.question import parse_question
from ...explain.quote import PolicyQuote
from ...explain.recorded import RecordedQuestion, differences
from ...policy.files import decode_utf8, read_file
from ...policy.model import Policy
from ...policy.problems import PolicyProblems

MAX_HEADERS: Final = 128
_FIELDS: Final = {
    "where": str,
    "origin": str,
    "method": str,
    "headers": list,
    "credentials": bool,
    "upload_listener": bool,
}
# Of a decision, as `decision_event` names them.
_LOGGED: Final = (
    "method", "path", "origin", "host", "scheme", "kind", "reason", "detail", "asked_method",
)  # fmt: skip


def to_question(policy: Policy, form: Any) -> RecordedQuestion:
    """Of the form, or of `{"decision": …}`: a decision of the stream, whose "Why?" was pressed.

    Raises ValueError for missing or invalid fields."""
    if isinstance(form, dict) and isinstance(form.get("decision"), dict):
        return rebuild(policy, _logged(form["decision"]))
    if not isinstance(form, dict) or any(
        not isinstance(form.get(key), field_type) for key, field_type in _FIELDS.items()
    ):
        raise ValueError(f"expected {', '.join(_FIELDS)}")
    headers = form["headers"]
    if len(headers) > MAX_HEADERS or not all(isinstance(line, str) for line in headers):
        raise ValueError(f"headers: expected up to {MAX_HEADERS} strings")
    origin = form["origin"] or None
    question = parse_question(
        policy,
        form["where"],
        origin,
        form["method"],
        headers,
        form["credentials"],
        form["upload_listener"],
    )
    return RecordedQuestion("", question)


def _logged(event: dict[str, Any]) -> LoggedDecision:
    """`decision_event` cuts a value with an ellipsis."""
    fields = {key: event[key] for key in _LOGGED if isinstance(event.get(key), str)}
    names = event.get("asked_headers")
    whole = isinstance(names, list) and all(isinstance(name, str) for name in names)
    return LoggedDecision(
        **{"method": "GET", "path": ""} | fields,
        asked_headers=tuple(names) if isinstance(names, list) and whole else None,
        asked_private_network=event.get("asked_private_network") is True,
        cut=tuple(key for key in ("path", "origin", "host") if fields.get(key, "").endswith("…")),
    )


def answer(policy: Policy, recorded: RecordedQuestion, source: PolicyText | None) -> dict[str, Any]:
    """The document, in `unknown` what a decision does not tell, and in `lines` the policy lines
    that it names.

    There is a change only if the policy's text is known: `source`.
    """
    change: Change | None = None
    if source is not None:
        try:
            change = propose_for_all(source, source.read(), [recorded]).change
        except PolicyProblems:
            change = Change(why_none="the policy file has changed since it was loaded, and now has errors")
    explanation = explain(policy, recorded.question)
    result = document(explanation, change)
    result["unknown"] = [*recorded.unknown, *differences(recorded, explanation)]
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
    lists = {feed.url: slot.current for feed, slot in policy.site.feeds.items()}
    return PolicyText(text, version.file, os.path.dirname(version.file), os.environ, lists)


def _split(rule: str) -> tuple[str, int]:
    file, _, line = rule.rpartition(":")
    return file, int(line)


def _rules(value: Any) -> set[str]:
    if isinstance(value, dict):
        found = {value["rule"]} if isinstance(value.get("rule"), str) else set()
        return found.union(*map(_rules, value.values()))
    return set().union(*map(_rules, value)) if isinstance(value, list) else set()
