"""`prove`: whether assertions about a policy hold for every request."""

import argparse
import json
import os
import sys
from typing import Any

from ..change.witness import commands
from ..colour import COLOURED, PLAIN, Style, wants_colour
from ..partition.describe import decided, request_line
from ..partition.prove import Proof, prove
from ..policy.assertions import read_assertions
from ..policy.model import Policy
from ..policy.problems import PolicyProblems
from ..policy.read import find_source
from .policy_argument import NO_POLICY, add_config_argument
from .policy_text import report_refused

REFUSED = 2  # the exit code where a policy or the assertions do not read


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "assertions",
        metavar="FILE",
        nargs="?",
        help="assertions, under the key assert; default: those of the policy",
    )
    add_config_argument(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default text")


def run(args: argparse.Namespace) -> int:
    """Returns 0 if every assertion holds, 1 if not, and 2 where a file does not read."""
    source = find_source(args.config, os.environ)
    if source is None:
        print(f"cors-proxy prove: {NO_POLICY}", file=sys.stderr)
        return REFUSED
    name = source.name
    try:
        policy, _ = source.read()
        assertions = policy.assertions
        if args.assertions is not None:
            name = args.assertions
            assertions = read_assertions(name, os.environ)
    except PolicyProblems as refused:
        report_refused(refused, name, args.format)
        return REFUSED
    if not assertions:
        print(f"cors-proxy prove: {name} has no assertions", file=sys.stderr)
        return REFUSED
    proofs = prove(policy.spec, policy.site, assertions)
    if args.format == "json":
        print(json.dumps({"proofs": [as_document(proof, policy, source.name) for proof in proofs]}, indent=2))
    else:
        style = COLOURED if wants_colour(sys.stdout, os.environ) else PLAIN
        print(as_text(proofs, policy, source.name, style), end="")
    return 0 if all(proof.holds for proof in proofs) else 1


def as_text(proofs: list[Proof], policy: Policy, name: str, style: Style = PLAIN) -> str:
    """A line for each assertion, with a counter-example where it does not hold."""
    lines = []
    for proof in proofs:
        word = style.hint("ok   ") if proof.holds else style.error("FAIL ")
        lines.append(f"{word} {style.bold(proof.assertion.text)}   {proof.assertion.place}")
        if proof.gave_up:
            lines.append(f"      gave up: {proof.gave_up}")
        elif proof.counter_example is None:
            lines.append("      holds for every request")
        elif proof.decision is not None:
            explain, curl = commands(proof.counter_example, policy, name, proof.assertion.credentials)
            lines += [
                f"      {request_line(proof.counter_example.request)}",
                f"      is {decided(proof.decision)}",
                style.hint(f"      {explain}"),
                style.hint(f"      {curl}"),
            ]
    held = sum(proof.holds for proof in proofs)
    return "\n".join([*lines, f"{held} proved, {len(proofs) - held} not"]) + "\n"


def as_document(proof: Proof, policy: Policy, name: str) -> dict[str, Any]:
    """One proof for programs."""
    place = proof.assertion.place
    found: dict[str, Any] = {
        "assertion": proof.assertion.text,
        "file": place.file,
        "line": place.line,
        "holds": proof.holds,
        "gave_up": proof.gave_up,
    }
    if proof.counter_example is not None and proof.decision is not None:
        explain, curl = commands(proof.counter_example, policy, name, proof.assertion.credentials)
        rule = proof.decision.rule
        found["counter_example"] = {
            "request": request_line(proof.counter_example.request),
            "decision": decided(proof.decision),
            "rule": None if rule is None else str(rule),
            "explain": explain,
            "curl": curl,
        }
    return found
