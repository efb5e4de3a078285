"""A proposal is read back before anybody sees it: `check` accepts it, and it allows what was seen."""

from ..explain.cases import read_cases, run_case
from ..policy.model import Policy
from ..policy.read import parse_policy

NAME = "proposed.yaml"


def read_back(text: str) -> Policy:
    """The proposed policy.  Raises `PolicyProblems`."""
    return parse_policy(text, NAME, "", {})[0]


def failing_cases(policy: Policy, cases: str) -> list[str]:
    """The names of the proposed tests that fail; there are none, or `learn` has a bug."""
    if not cases:
        return []
    _, found = read_cases(cases, "cases.yaml")
    return [case.name for case in found if run_case(policy, case).wrong]
