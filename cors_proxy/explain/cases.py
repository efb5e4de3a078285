"""A policy's own unit tests: questions, and what to expect of each answer.

policy: policy.yaml                  # optional, relative to this file
cases:
  - name: the app saves an item      # optional
    origin: https://app.example      # of the page; without it no page makes the request
    request: PUT /items/1            # METHOD PATH|URL, or a path alone
    send: [X-Foo, "Content-Type: application/json"]
    credentials: true
    upload_listener: false
    expect: allow                    # allow: the page gets the API's response; refuse: it does not
    reason: origin-allowed           # of the last request
    rule: 14                         # the policy line that decides
    headers: {Access-Control-Allow-Credentials: "true", Access-Control-Allow-Methods: absent}
                                     # of the last response
"""

from dataclasses import dataclass
from typing import Final

from ..cors.escape import shown
from ..cors.place import Place
from ..cors.reason import Reason
from ..policy.model import Policy
from ..policy.nodes import MappingNode, Node, ScalarNode, SequenceNode, compose
from ..policy.problems import quote
from .browser import Explanation, explain
from .question import parse_question

_SCALARS: Final = ("name", "origin", "request", "expect", "reason", "rule", "credentials", "upload_listener")
_KEYS: Final = (*_SCALARS, "send", "headers")
ABSENT: Final = "absent"


@dataclass(frozen=True, slots=True)
class Case:
    """One question.  `headers` are those of the last response: a value, or `absent`."""

    name: str
    place: Place
    where: str
    allow: bool
    origin: str | None = None
    method: str = "GET"
    send: tuple[str, ...] = ()
    credentials: bool = False
    upload_listener: bool = False
    reason: str = ""
    rule: int = 0
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """`wrong` has a message for each difference from what the case expects, none if it passes.

    `explanation` is None where the case has no valid question.
    """

    case: Case
    wrong: tuple[str, ...]
    explanation: Explanation | None


class CasesError(ValueError):
    """All problems of a file of cases, one on a line."""


def read_cases(text: str, name: str) -> tuple[str | None, list[Case]]:
    """The policy that the file names, and its cases.

    Raises `CasesError`, or `PolicyProblems` where the text is not YAML.
    """
    root, found = compose(text, name)
    wrong = [f"{_at(problem.place)}  {problem.message}" for problem in found]
    policy: str | None = None
    cases: list[Case] = []
    for key, node in root.entries:
        if key.text == "policy" and isinstance(node, ScalarNode):
            policy = node.text
        elif key.text == "cases" and isinstance(node, SequenceNode):
            cases = [case for item in node.items if (case := _case(item, wrong)) is not None]
        else:
            wrong.append(f"{_at(key.place)}  expected policy: FILE and cases: [...], got {quote(key.text)}")
    if not cases and not wrong:
        wrong.append(f"{_at(root.place)}  there are no cases")
    if wrong:
        raise CasesError("\n".join(wrong))
    return policy, cases


def _case(node: Node, wrong: list[str]) -> Case | None:
    before = len(wrong)
    if not isinstance(node, MappingNode):
        wrong.append(f"{_at(node.place)}  a case is a mapping")
        return None
    scalars: dict[str, str] = {}
    send: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    for key, value in node.entries:
        if key.text in _SCALARS and isinstance(value, ScalarNode):
            scalars[key.text] = value.text
        elif key.text == "send" and isinstance(value, (ScalarNode, SequenceNode)):
            items = value.items if isinstance(value, SequenceNode) else [value]
            send = tuple(item.text for item in items if isinstance(item, ScalarNode))
            if len(send) != len(items):
                wrong.append(f"{_at(value.place)}  send: expected NAME or 'NAME: VALUE', quoted")
        elif key.text == "headers" and isinstance(value, MappingNode):
            headers = tuple(
                (name.text, item.text) for name, item in value.entries if isinstance(item, ScalarNode)
            )
        else:
            problem = (
                f"unknown key; a case has {', '.join(_KEYS)}"
                if key.text not in _KEYS
                else "the value has the wrong type"
            )
            wrong.append(f"{_at(key.place)}  {quote(key.text)}: {problem}")
    for choice, values in (
        ("expect", ("allow", "refuse")),
        ("credentials", ("true", "false")),
        ("upload_listener", ("true", "false")),
        ("reason", tuple(reason.value for reason in Reason)),
    ):
        if choice in scalars and scalars[choice] not in values:
            wrong.append(
                f"{_at(node.place)}  {choice}: expected one of {', '.join(values)},"
                f" got {quote(scalars[choice])}"
            )
    wrong.extend(
        f"{_at(node.place)}  {required} is missing"
        for required in ("request", "expect")
        if required not in scalars
    )
    if not scalars.get("rule", "1").isdecimal():
        wrong.append(f"{_at(node.place)}  rule: expected a line number, got {quote(scalars['rule'])}")
    if len(wrong) > before:
        return None
    method, _, where = scalars["request"].rpartition(" ")
    return Case(
        scalars.get("name", f"{scalars.get('origin', 'no origin')}: {scalars['request']}"),
        node.place,
        where,
        scalars["expect"] == "allow",
        scalars.get("origin"),
        method.strip() or "GET",
        send,
        scalars.get("credentials") == "true",
        scalars.get("upload_listener") == "true",
        scalars.get("reason", ""),
        int(scalars.get("rule", "0")),
        headers,
    )


def run_case(policy: Policy, case: Case) -> Result:
    """Explain the question of the case, and compare."""
    try:
        question = parse_question(
            policy, case.where, case.origin, case.method, case.send, case.credentials, case.upload_listener
        )
    except ValueError as error:
        return Result(case, (str(error),), None)
    explanation = explain(policy, question)
    wrong = []
    if explanation.allowed is not case.allow:
        wrong.append(
            f"expected {_outcome(case.allow)}, got {_outcome(explanation.allowed)}: {explanation.cause}"
        )
    exchange = explanation.steps[-1].exchange if explanation.steps else None
    reason = "" if exchange is None else exchange.decision.reason.value
    if case.reason and case.reason != reason:
        wrong.append(f"expected the reason {case.reason}, got {reason or 'none'}")
    rule_line = 0 if explanation.rule is None else explanation.rule.line
    if case.rule and case.rule != rule_line:
        wrong.append(f"expected line {case.rule} to decide, got {rule_line or 'none'}")
    for name, expected in case.headers:
        lines = () if exchange is None else exchange.response_lines
        values = [shown(value) for line, value in lines if line.lower() == name.lower().encode("utf-8")]
        if (values or [ABSENT]) != [expected]:
            wrong.append(f"expected {name}: {expected}, got {' and '.join(values) or ABSENT}")
    return Result(case, tuple(wrong), explanation)


def _outcome(allowed: bool) -> str:
    return "allow" if allowed else "refuse"


def _at(place: Place) -> str:
    return place.exact
