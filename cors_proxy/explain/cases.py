"""A policy's own tests: what is asked, and what is expected of the answer.

policy: policy.yaml                  # optional, relative to this file
cases:
  - name: the app saves an item      # optional
    origin: https://app.example      # the page's; none: no page of another origin
    request: PUT /items/1            # METHOD PATH|URL, or a path alone
    send: [X-Foo, "Content-Type: application/json"]
    credentials: true
    upload_listener: false
    expect: allow                    # allow: the page gets the API's answer; refuse: it does not
    reason: origin-allowed           # of the deciding request
    rule: 14                         # the policy's line that decides
    headers: {Access-Control-Allow-Credentials: "true", Access-Control-Allow-Methods: absent}   # of its answer"""

from dataclasses import dataclass
from typing import Final

from ..cors.escape import shown
from ..cors.place import Place
from ..cors.reason import Reason
from ..policy.model import Policy
from ..policy.nodes import MappingNode, Node, ScalarNode, SequenceNode, compose
from ..policy.problems import quote
from .browser import Explanation, explain
from .question import ask

_TEXTS: Final = ("name", "origin", "request", "expect", "reason", "rule", "credentials", "upload_listener")
_KEYS: Final = (*_TEXTS, "send", "headers")
ABSENT: Final = "absent"


@dataclass(frozen=True, slots=True)
class Case:
    """`headers` are those of the last answer: a value, or `absent`."""

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
    """`wrong` says in what way it is not what was expected; `explanation` is None where nothing could be asked."""

    case: Case
    wrong: tuple[str, ...]
    explanation: Explanation | None


class CasesError(ValueError):
    """Everything that is wrong with a file of cases, one problem a line."""


def read_cases(text: str, name: str) -> tuple[str | None, list[Case]]:
    """The policy that the file names, and its cases.  Raises `CasesError`, or `PolicyProblems` where it is no YAML."""
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
    texts: dict[str, str] = {}
    send: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    for key, value in node.entries:
        if key.text in _TEXTS and isinstance(value, ScalarNode):
            texts[key.text] = value.text
        elif key.text == "send" and isinstance(value, (ScalarNode, SequenceNode)):
            items = value.items if isinstance(value, SequenceNode) else [value]
            send = tuple(item.text for item in items if isinstance(item, ScalarNode))
            if len(send) != len(items):
                wrong.append(f"{_at(value.place)}  send: expected NAME or 'NAME: VALUE', quoted")
        elif key.text == "headers" and isinstance(value, MappingNode):
            headers = tuple(
                (name.text, each.text) for name, each in value.entries if isinstance(each, ScalarNode)
            )
        else:
            known = f"known are {', '.join(_KEYS)}" if key.text not in _KEYS else "not of this kind"
            wrong.append(f"{_at(key.place)}  {quote(key.text)}: {known}")
    for key_, values in (
        ("expect", ("allow", "refuse")),
        ("credentials", ("true", "false")),
        ("upload_listener", ("true", "false")),
        ("reason", tuple(reason.value for reason in Reason)),
    ):
        if key_ in texts and texts[key_] not in values:
            wrong.append(
                f"{_at(node.place)}  {key_}: expected one of {', '.join(values)}, got {quote(texts[key_])}"
            )
    wrong.extend(
        f"{_at(node.place)}  {needed} is missing" for needed in ("request", "expect") if needed not in texts
    )
    if not texts.get("rule", "1").isdecimal():
        wrong.append(f"{_at(node.place)}  rule: expected a line's number, got {quote(texts['rule'])}")
    if len(wrong) > before:
        return None
    method, _, where = texts["request"].rpartition(" ")
    return Case(
        texts.get("name", f"{texts.get('origin', 'no origin')}: {texts['request']}"), node.place, where, texts["expect"] == "allow",
        texts.get("origin"), method.strip() or "GET", send, texts.get("credentials") == "true", texts.get("upload_listener") == "true",
        texts.get("reason", ""), int(texts.get("rule", "0")), headers,
    )  # fmt: skip


def judge(policy: Policy, case: Case) -> Result:
    """Asks, and compares."""
    try:
        question = ask(
            policy, case.where, case.origin, case.method, case.send, case.credentials, case.upload_listener
        )
    except ValueError as error:
        return Result(case, (str(error),), None)
    explanation = explain(policy, question)
    wrong = []
    if explanation.allowed is not case.allow:
        wrong.append(f"expected {_word(case.allow)}, got {_word(explanation.allowed)}: {explanation.cause}")
    made = explanation.steps[-1].made if explanation.steps else None
    reason = "" if made is None else made.decision.reason.value
    if case.reason and case.reason != reason:
        wrong.append(f"expected the reason {case.reason}, got {reason or 'none'}")
    line = 0 if explanation.rule is None else explanation.rule.line
    if case.rule and case.rule != line:
        wrong.append(f"expected line {case.rule} to decide, got {line or 'none'}")
    for name, wanted in case.headers:
        lines = () if made is None else made.lines
        values = [shown(value) for own, value in lines if own.lower() == name.lower().encode("utf-8")]
        if (values or [ABSENT]) != [wanted]:
            wrong.append(f"expected {name}: {wanted}, got {' and '.join(values) or ABSENT}")
    return Result(case, tuple(wrong), explanation)


def _word(allowed: bool) -> str:
    return "allow" if allowed else "refuse"


def _at(place: Place) -> str:
    return f"{place.file}:{place.line}:{place.column}"
