"""`explain`: what a browser does under a policy, why, and which change would allow it."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from ..explain.browser import explain
from ..explain.change import PolicyText, propose
from ..explain.curl import read_curl
from ..explain.document import document
from ..explain.har import read_har
from ..explain.log_line import read_line
from ..explain.question import parse_question
from ..explain.quote import PolicyQuote
from ..explain.recorded import RecordedQuestion, differences
from ..explain.render import render
from ..policy.model import Policy
from ..policy.problems import PolicyProblems
from .policy_argument import add_config_argument
from .policy_text import read_policy_text, report_refused

STDIN = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_argument(parser)
    parser.add_argument(
        "where",
        metavar="PATH|URL",
        nargs="?",
        help="/items, or https://api.example.com/items; ws:// and wss:// open a WebSocket",
    )
    parser.add_argument(
        "--origin", help="the page's origin, as its browser sends it: https://app.example.com, or null"
    )
    parser.add_argument("--method", default="GET", help="default GET")
    parser.add_argument(
        "--header",
        metavar="NAME|'NAME: VALUE'",
        action="append",
        default=[],
        help="a header that the page sets; can be repeated",
    )
    parser.add_argument(
        "--credentials", action="store_true", help="the page sends cookies: credentials: 'include'"
    )
    parser.add_argument(
        "--upload-listener",
        action="store_true",
        help="the page listens to the progress of its upload, which needs a preflight",
    )
    instead = parser.add_argument_group("instead of a path").add_mutually_exclusive_group()
    instead.add_argument(
        "--from-log",
        metavar="LINE",
        nargs="?",
        const=STDIN,
        help="a line of the access log, JSON or text; default: all lines on stdin",
    )
    instead.add_argument("--curl", metavar="COMMAND", help="a curl command, as copied from a browser")
    instead.add_argument("--har", metavar="FILE", help="every CORS exchange in a browser's HAR file")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default text")


def run(args: argparse.Namespace) -> int:
    """Returns 0 if the page can read every response.

    1 if it cannot or if the policy is refused, and 2 for wrong usage.
    """
    try:
        source, policy = read_policy_text(args.config, os.environ)
        recorded = _read_questions(args, policy)
    except PolicyProblems as refused:
        return report_refused(refused, args.config or "policy", args.format)
    except (ValueError, OSError) as error:
        if args.format == "json":
            print(json.dumps({"error": str(error)}))
        else:
            print(f"cors-proxy explain: {error}", file=sys.stderr)
        return 2
    results = [_explain(source, policy, each, args.format) for each in recorded]
    if args.format == "text":
        print("\n\n".join(output for _, output in results), end="")
    else:
        documents = [output for _, output in results]
        print(json.dumps(documents if args.har or args.from_log else documents[0], indent=2))
    return 0 if all(allowed for allowed, _ in results) else 1


def _read_questions(args: argparse.Namespace, policy: Policy) -> list[RecordedQuestion]:
    """What to explain, at least one.

    Raises ValueError if the arguments do not say what, or if it cannot be read.
    """
    from_record = args.from_log or args.curl or args.har
    if from_record and (args.where or args.origin):
        raise ValueError("--from-log, --curl and --har have their own URL and origin: leave out yours")
    if args.from_log:
        log = args.from_log
        found = _read_log(policy, args.format) if log == STDIN else [read_line(policy, log)]
    elif args.curl:
        found = [read_curl(policy, args.curl)]
    elif args.har:
        found = read_har(policy, Path(args.har).read_text("utf-8"))
    elif args.where is None or args.origin is None:
        raise ValueError(
            "nothing to explain: give --origin ORIGIN and a PATH or URL, or one of --from-log, --curl, --har"
        )
    else:
        question = parse_question(
            policy, args.where, args.origin, args.method, args.header, args.credentials, args.upload_listener
        )
        found = [RecordedQuestion("", question)]
    if not found:
        raise ValueError("the file has no CORS exchange")
    return found


def _read_log(policy: Policy, form: str) -> list[RecordedQuestion]:
    """The lines of the access log on stdin.

    A container's log has other lines too: they are counted and skipped.  Raises ValueError if no
    line is of the access log.
    """
    found, skipped = [], 0
    for line in sys.stdin:
        try:
            found.append(read_line(policy, line))
        except ValueError:
            skipped += bool(line.strip())
    if not found:
        raise ValueError("no line of the access log on stdin")
    if skipped and form == "text":
        lines = "1 line is" if skipped == 1 else f"{skipped} lines are"
        print(f"cors-proxy explain: {lines} not of the access log", file=sys.stderr)
    return found


def _explain(source: PolicyText, policy: Policy, recorded: RecordedQuestion, form: str) -> tuple[bool, Any]:
    """Whether the page can read the response, and the explanation: a text, or a JSON document."""
    explanation = explain(policy, recorded.question)
    change = propose(source, policy, recorded.question)
    unknown = [*recorded.unknown, *differences(recorded, explanation)]
    if form == "json":
        origin = {"source": recorded.source, "unknown": unknown} if recorded.source else {}
        return explanation.allowed, origin | document(explanation, change)
    head = [recorded.source, *(f"  unknown: {each}" for each in unknown), ""] if recorded.source else []
    return explanation.allowed, "\n".join([*head, render(explanation, change, PolicyQuote(source))])
