"""One change of a policy for many recorded questions.

Each question is tried on what the changes before it made of the policy.  Afterwards every question
is explained again, because a later change may undo an earlier one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..policy.model import Policy
from .browser import explain
from .change import Change, PolicyText, diff, propose
from .recorded import RecordedQuestion

MAX_ROUNDS: Final = 3
_CONTRADICTS: Final = "its change contradicts the change that another request needs"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`change` is for all questions that one can help; `each` says of every question why it has no
    part in it, and is empty of those that have."""

    change: Change
    each: tuple[Change, ...]


def propose_for_all(source: PolicyText, policy: Policy, recorded: Sequence[RecordedQuestion]) -> Proposal:
    """`policy` is what `source` reads as.  With one question, `change` also says why there is none."""
    edited, current = source, policy
    dangers: dict[str, None] = {}
    each = [_without_change(one, policy) for one in recorded]
    helped = [index for index, change in enumerate(each) if change == Change()]
    for _ in range(MAX_ROUNDS):
        for index in helped:
            change = propose(edited, current, recorded[index].question)
            if change.why_none:
                each[index] = change
            elif change.text:
                edited = edited.with_text(change.text)
                current = edited.read()
                dangers.update(dict.fromkeys(change.dangers))
        helped = [index for index in helped if not each[index].why_none]
        left = [index for index in helped if not explain(current, recorded[index].question).allowed]
        if not left:
            break
    else:
        for index in left:
            each[index] = Change(why_none=_CONTRADICTS)
    if edited is source:
        return Proposal(each[0] if len(each) == 1 else Change(), tuple(each))
    return Proposal(Change(diff(source, edited), tuple(dangers), "", edited.text), tuple(each))


def _without_change(recorded: RecordedQuestion, policy: Policy) -> Change:
    """Why the record alone tells that there is no change; empty where it does not."""
    if recorded.unfixable:
        return Change(why_none=recorded.unfixable)
    # What the policy allows of an incomplete question is no refusal that a change has to lift.
    if recorded.incomplete and not explain(policy, recorded.question).allowed:
        return Change(withheld=recorded.incomplete)
    return Change()
