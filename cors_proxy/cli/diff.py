"""`diff`: what a change of a policy lets in, and what it keeps out."""

import argparse
import json
import os
import sys

from ..change.compare import Comparison, compare
from ..change.document import document
from ..change.text import as_text
from ..colour import COLOURED, PLAIN, wants_colour
from ..explain.quote import PolicyQuote
from ..policy.model import Policy
from ..policy.problems import PolicyProblems
from ..policy.read import Source
from .policy_text import report_refused

REFUSED = 2  # the exit code where a policy does not read


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", help="the policy before the change")
    parser.add_argument("new", metavar="NEW", help="the policy after it")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    parser.add_argument(
        "--fail-on",
        choices=("new-access", "any", "none"),
        default="new-access",
        help="what makes the exit code 1: new access (the default), any difference, or nothing",
    )


def run(args: argparse.Namespace) -> int:
    """Returns 1 for what --fail-on names, else 0, and 2 where a policy is refused."""
    policies: list[Policy] = []
    for name in (args.old, args.new):
        try:
            policies.append(Source(name).read(os.environ)[0])
        except PolicyProblems as refused:
            report_refused(refused, name, args.format)
            return REFUSED
    old, new = policies
    comparison = compare(old, new)
    if args.format == "json":
        print(json.dumps(document(comparison, args.old, args.new), indent=2))
    else:
        style = COLOURED if wants_colour(sys.stdout, os.environ) else PLAIN
        print(as_text(comparison, args.new, (PolicyQuote(None), PolicyQuote(None)), style), end="")
    return 1 if _fails(comparison, args.fail_on) else 0


def _fails(comparison: Comparison, condition: str) -> bool:
    if condition == "none":
        return False
    return not comparison.equal if condition == "any" else comparison.opens or bool(comparison.gave_up)
