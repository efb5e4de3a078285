"""`diff`: what a change of a policy lets in, and what it keeps out."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from ..change.annotations import as_annotations
from ..change.compare import Comparison, compare
from ..change.document import document
from ..change.earlier import PREFIX, EarlierError, revision_of
from ..change.markdown import as_markdown
from ..change.running import SCHEMES, RunningError, running_policy
from ..change.sarif import as_sarif
from ..change.text import as_text
from ..colour import COLOURED, PLAIN, wants_colour
from ..explain.change import PolicyText
from ..explain.quote import PolicyQuote
from ..policy.model import Policy
from ..policy.problems import PolicyProblems
from ..policy.read import Source, parse_policy
from .policy_text import report_refused

REFUSED = 2  # the exit code where a policy does not read


@dataclass(frozen=True, slots=True)
class _Read:
    policy: Policy
    quote: PolicyQuote


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "old",
        metavar="OLD",
        help=f"the policy before the change: a file, {PREFIX}REV for NEW at that revision, or the URL of a"
        " running proxy's admin listener",
    )
    parser.add_argument("new", metavar="NEW", help="the policy after it")
    parser.add_argument(
        "--format",
        choices=("text", "markdown", "github", "sarif", "json"),
        default="text",
        help="default text; markdown is for a comment, github for annotations",
    )
    parser.add_argument(
        "--fail-on",
        choices=("new-access", "any", "none"),
        default="new-access",
        help="what makes the exit code 1: new access (the default), any difference, or nothing",
    )


def run(args: argparse.Namespace) -> int:
    """Returns 1 for what --fail-on names, else 0, and 2 where a policy is refused."""
    name = args.old
    try:
        with ExitStack() as opened:
            old = opened.enter_context(_old(args.old, args.new))
            name = args.new
            new = _read(Source(args.new))
            comparison = compare(old.policy, new.policy)
            print(_formatted(args, comparison, (old.quote, new.quote)), end="")
    except PolicyProblems as refused:
        report_refused(refused, name, args.format)
        return REFUSED
    except (EarlierError, RunningError) as error:
        print(f"cors-proxy diff: {error}", file=sys.stderr)
        return REFUSED
    return 1 if _fails(comparison, args.fail_on) else 0


@contextmanager
def _old(old: str, new: str) -> Iterator[_Read]:
    """The policy before the change.  Its files are there until the end of the context."""
    if old.startswith(PREFIX):
        with revision_of(new, old.removeprefix(PREFIX), os.environ) as (text, name, folder):
            policy, _ = parse_policy(text, name, folder, os.environ)
            yield _Read(policy, PolicyQuote(PolicyText(text, name, folder)))
    elif old.startswith(SCHEMES):
        yield _read(Source(old, running_policy(old)))
    else:
        yield _read(Source(old))


def _read(source: Source) -> _Read:
    policy, _ = source.read(os.environ)
    text = None if source.text is None else PolicyText(source.text, source.name, "")
    return _Read(policy, PolicyQuote(text))


def _formatted(
    args: argparse.Namespace, comparison: Comparison, quotes: tuple[PolicyQuote, PolicyQuote]
) -> str:
    style = COLOURED if wants_colour(sys.stdout, os.environ) else PLAIN
    formats: dict[str, Callable[[], str]] = {
        "text": lambda: as_text(comparison, args.new, quotes, style),
        "markdown": lambda: as_markdown(comparison, args.new),
        "github": lambda: as_annotations(comparison, args.new),
        "sarif": lambda: json.dumps(as_sarif(comparison, args.new), indent=2) + "\n",
        "json": lambda: json.dumps(document(comparison, args.old, args.new), indent=2) + "\n",
    }
    return formats[args.format]()


def _fails(comparison: Comparison, condition: str) -> bool:
    if condition == "none":
        return False
    return not comparison.equal if condition == "any" else comparison.opens or bool(comparison.gave_up)
