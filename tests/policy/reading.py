"""Reading a policy in tests: its problems as rows."""

from pathlib import Path

from cors_proxy.policy.model import Policy
from cors_proxy.policy.problems import PolicyProblems, Problem
from cors_proxy.policy.read import parse_policy

MINIMAL = "version: 1\nupstream: http://api:3000\n"


def read(text: str, folder: str = "", **environ: str) -> Policy:
    """The policy of `text`, with version and upstream put in front."""
    return parse_policy(MINIMAL + text, "policy.yaml", folder, environ)[0]


def problems(text: str, folder: Path | str = "", whole: bool = False, **environ: str) -> list[Problem]:
    """Every problem of it; with `whole`, of exactly this text."""
    try:
        return parse_policy(text if whole else MINIMAL + text, "policy.yaml", str(folder), environ)[1]
    except PolicyProblems as refused:
        return refused.problems


def codes(text: str, folder: Path | str = "", whole: bool = False, **environ: str) -> list[str]:
    return [problem.code for problem in problems(text, folder, whole, **environ)]
