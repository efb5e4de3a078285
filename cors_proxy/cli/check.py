"""`check`: every problem of a policy, and with `--show` the effective policy."""

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence

import yaml

from ..annotation import annotation
from ..colour import COLOURED, PLAIN, Style, wants_colour
from ..engines.glue import ENGINES
from ..engines.losses import Loss, losses
from ..policy.codes.page import explanation
from ..policy.effective import PlainData, effective
from ..policy.problems import PolicyProblems, Problem, quote
from ..policy.read import find_source
from .excerpt import Excerpts
from .feed_options import add_feed_options, load_feeds
from .policy_argument import NO_POLICY, add_config_argument


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_argument(parser)
    parser.add_argument("file", metavar="FILE", nargs="?", help="the policy, as with -c")
    parser.add_argument("--explain", metavar="CODE", help="tell a problem's code at length, such as E301")
    parser.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="default text; github prints annotations for a workflow",
    )
    parser.add_argument(
        "--show",
        action="store_true",
        help="print the effective policy: each route after inheritance and defaults",
    )
    add_feed_options(parser, "--fetch")
    parser.add_argument(
        "--for",
        dest="engine",
        choices=ENGINES,
        help="list what this engine cannot carry when it asks the decision listener",
    )
    parser.add_argument(
        "--accept-loss", action="store_true", help="with --for: exit with 0 even if a refusal is lost"
    )


def run(args: argparse.Namespace) -> int:
    """Returns 0 if `run` would accept the policy, 1 if not, and 2 if there is none."""
    if args.explain is not None:
        return _explain(args.explain)
    if args.file is not None and args.config is not None:
        print("cors-proxy check: -c and FILE exclude each other", file=sys.stderr)
        return 2
    source = find_source(args.config if args.file is None else args.file, os.environ)
    if source is None:
        print(f"cors-proxy check: {NO_POLICY}", file=sys.stderr)
        return 2
    effective_policy: PlainData | None = None
    lost: list[Loss] = []
    try:
        policy, problems = source.read()
    except PolicyProblems as refused:
        problems = refused.problems
    else:
        effective_policy = effective(policy) if args.show else None
        try:
            load_feeds(policy, args.feed, args.fetch_feeds)
        except PolicyProblems as refused:
            problems = [*problems, *refused.problems]
        except ValueError as error:
            print(f"cors-proxy check: {error}", file=sys.stderr)
            return 2
        lost = losses(args.engine, policy) if args.engine is not None else []
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The name of a file can be any bytes, also those that are not UTF-8.
        sys.stdout.reconfigure(errors="backslashreplace")
    if args.format == "text":
        style = PLAIN if not wants_colour(sys.stdout, os.environ) else COLOURED
        text = as_text(source.name, problems, effective_policy, Excerpts(source), style)
        text += "".join(f"{loss}\n" for loss in lost)
    elif args.format == "json":
        text = as_json(source.name, problems, effective_policy, lost)
    else:
        text = as_github(source.name, problems, effective_policy)
        text += "".join(_github_loss(loss) for loss in lost)
    print(text, end="")
    if any(loss.refusal for loss in lost) and not args.accept_loss:
        return 1
    return 1 if any(problem.error for problem in problems) else 0


def _explain(code: str) -> int:
    try:
        text = explanation(code.upper())
    except KeyError:
        print(f"cors-proxy check: no such code: {quote(code)}; docs/checks.md has all", file=sys.stderr)
        return 2
    print(text, end="")
    return 0


def as_text(
    name: str,
    problems: list[Problem],
    effective_policy: PlainData | None,
    excerpts: Excerpts | None = None,
    style: Style = PLAIN,
) -> str:
    """The problems, a line with their number, and the effective policy if it is given.

    With `excerpts`, each problem shows its line of the file.
    """
    lines = []
    for problem in problems:
        colour = style.error if problem.error else style.warning
        lines.append(f"{style.bold(problem.place.exact)}  {colour(problem.code)}  {problem.message}")
        if excerpts and (excerpt := excerpts.at(problem.place)):
            lines += [style.dim(excerpt[0]), colour(excerpt[1])]
        if problem.hint:
            lines.append(style.hint(f"    {problem.hint}"))
    errors = sum(problem.error for problem in problems)
    counts = [
        f"{number} {word}{'s' if number != 1 else ''}"
        for number, word in ((errors, "error"), (len(problems) - errors, "warning"))
        if number
    ]
    lines.append(f"{name}: {', '.join(counts) or 'no problems'}")
    return (
        "\n".join(lines) + "\n" + ("\n" + as_yaml(effective_policy) if effective_policy is not None else "")
    )


def as_yaml(effective_policy: PlainData) -> str:
    """The effective policy as YAML, one value per line."""
    return yaml.safe_dump(effective_policy, sort_keys=False, allow_unicode=True, width=1000)


def as_json(
    name: str, problems: list[Problem], effective_policy: PlainData | None, lost: Sequence[Loss] = ()
) -> str:
    """One JSON document, for programs."""
    document = {
        "policy": name,
        "ok": not any(problem.error for problem in problems),
        "problems": [
            {
                "file": problem.place.file,
                "line": problem.place.line,
                "column": problem.place.column,
                "code": problem.code,
                "severity": "error" if problem.error else "warning",
                "message": problem.message,
                "hint": problem.hint,
            }
            for problem in problems
        ],
        **({"losses": [_as_data(loss) for loss in lost]} if lost else {}),
        **({"effective": effective_policy} if effective_policy is not None else {}),
    }
    return json.dumps(document, indent=2) + "\n"


def _as_data(loss: Loss) -> PlainData:
    place = loss.place
    return {
        "key": loss.key,
        "route": loss.route,
        "rule": str(place) if place is not None else "",
        "meaning": loss.meaning,
        "refusal": loss.refusal,
    }


def _github_loss(loss: Loss) -> str:
    return annotation("error" if loss.refusal else "warning", loss.place, loss.key, loss.meaning)


def as_github(name: str, problems: list[Problem], effective_policy: PlainData | None) -> str:
    """Annotations of a workflow."""
    lines = []
    for problem in problems:
        text = f"{problem.message} ({problem.hint})" if problem.hint else problem.message
        lines.append(annotation("error" if problem.error else "warning", problem.place, problem.code, text))
    return "".join(lines) + (as_yaml(effective_policy) if effective_policy is not None else "")
