"""`cors-proxy check`: every problem of a policy, and with `--show` the policy as it acts."""

import argparse
import io
import json
import os
import sys

import yaml

from ..policy.effective import Plain, effective
from ..policy.problems import PolicyProblems, Problem
from ..policy.read import find_source


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-c",
        "--config",
        metavar="FILE",
        help="the policy; else CORS_PROXY_POLICY (a path, or the YAML itself), else ./policy.yaml",
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="github: annotations of a workflow; default text",
    )
    parser.add_argument(
        "--show", action="store_true", help="print what each route does, after inheritance and derivation"
    )


def run(args: argparse.Namespace) -> int:
    """0 where the policy may start (warnings or not), 1 where not, 2 where there is none."""
    source = find_source(args.config, os.environ)
    if source is None:
        print(
            "cors-proxy check: no policy: name one with -c, put it into CORS_PROXY_POLICY or ./policy.yaml",
            file=sys.stderr,
        )
        return 2
    shown: Plain | None = None
    try:
        policy, problems = source.read()
    except PolicyProblems as refused:
        problems = refused.problems
    else:
        shown = effective(policy) if args.show else None
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be no text
    print(
        {"text": as_text, "json": as_json, "github": as_github}[args.format](source.name, problems, shown),
        end="",
    )
    return 1 if any(problem.error for problem in problems) else 0


def as_text(name: str, problems: list[Problem], shown: Plain | None) -> str:
    lines = [str(problem) for problem in problems]
    errors = sum(problem.error for problem in problems)
    counts = [
        f"{number} {word}{'s' if number != 1 else ''}"
        for number, word in ((errors, "error"), (len(problems) - errors, "warning"))
        if number
    ]
    lines.append(f"{name}: {', '.join(counts) or 'no problems'}")
    return "\n".join(lines) + "\n" + ("\n" + as_yaml(shown) if shown is not None else "")


def as_yaml(shown: Plain) -> str:
    return yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=1000)


def as_json(name: str, problems: list[Problem], shown: Plain | None) -> str:
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
        **({"effective": shown} if shown is not None else {}),
    }
    return json.dumps(document, indent=2) + "\n"


def as_github(name: str, problems: list[Problem], shown: Plain | None) -> str:
    """Workflow commands, one a line: https://docs.github.com/actions/reference/workflow-commands-for-github-actions"""
    lines = [
        f"::{'error' if problem.error else 'warning'} file={_property(problem.place.file)},"
        f"line={problem.place.line},col={problem.place.column},"
        f"title={problem.code}::{_data(f'{problem.message} ({problem.hint})' if problem.hint else problem.message)}\n"
        for problem in problems
    ]
    return "".join(lines) + (as_yaml(shown) if shown is not None else "")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
