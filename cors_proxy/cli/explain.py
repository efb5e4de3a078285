"""`explain`: what a browser would do with the policy in its way, why, and what would change it."""

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
from ..explain.question import ask
from ..explain.quote import PolicyQuote
from ..explain.recorded import Recorded, differs
from ..explain.text import text
from ..policy.model import Policy
from ..policy.problems import PolicyProblems
from .policy_text import read_text, say_refused

STDIN = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-c",
        "--config",
        metavar="FILE",
        help="the policy; else CORS_PROXY_POLICY (a path, or the YAML itself), else ./policy.yaml",
    )
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
        help="a header that the page sets; may be repeated",
    )
    parser.add_argument(
        "--credentials",
        action="store_true",
        help="the page asks for cookies to be sent: credentials: 'include'",
    )
    parser.add_argument(
        "--upload-listener", action="store_true", help="the page watches its upload, which needs a preflight"
    )
    instead = parser.add_argument_group("instead of a path").add_mutually_exclusive_group()
    instead.add_argument(
        "--from-log",
        metavar="LINE",
        nargs="?",
        const=STDIN,
        help="a line of the access log, JSON or text; without it, lines from stdin",
    )
    instead.add_argument("--curl", metavar="COMMAND", help="a curl command, as copied from a browser")
    instead.add_argument("--har", metavar="FILE", help="every CORS exchange in a browser's HAR file")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default text")


def run(args: argparse.Namespace) -> int:
    """0 where the page gets the API's answer, 1 where not or where the policy is refused, 2 usage."""
    try:
        source, policy = read_text(args.config, os.environ)
        asked = _asked(args, policy)
    except PolicyProblems as refused:
        return say_refused(refused, args.config or "policy", args.format)
    except (ValueError, OSError) as wrong:
        if args.format == "json":
            print(json.dumps({"error": str(wrong)}))
        else:
            print(f"cors-proxy explain: {wrong}", file=sys.stderr)
        return 2
    told = [_tell(source, policy, each, args.format) for each in asked]
    if args.format == "text":
        print("\n\n".join(said for _, said in told), end="")
    else:
        documents = [said for _, said in told]
        print(json.dumps(documents if args.har or args.from_log else documents[0], indent=2))
    return 0 if all(allowed for allowed, _ in told) else 1


def _asked(args: argparse.Namespace, policy: Policy) -> list[Recorded]:
    """ValueError where it is not told what to explain, or in a form that cannot be read."""
    recorded = args.from_log or args.curl or args.har
    if recorded and (args.where or args.origin):
        raise ValueError("--from-log, --curl and --har bring their own URL and origin")
    if args.from_log:
        found = (
            _read_log(policy, args.format) if args.from_log == STDIN else [read_line(policy, args.from_log)]
        )
    elif args.curl:
        found = [read_curl(policy, args.curl)]
    elif args.har:
        found = read_har(policy, Path(args.har).read_text("utf-8"))
    elif args.where is None or args.origin is None:
        raise ValueError(
            "what is asked? --origin ORIGIN and a PATH or URL, or one of --from-log, --curl, --har"
        )
    else:
        question = ask(
            policy, args.where, args.origin, args.method, args.header, args.credentials, args.upload_listener
        )
        found = [Recorded("", question)]
    if not found:
        raise ValueError("there is no CORS exchange in it")
    return found


def _read_log(policy: Policy, form: str) -> list[Recorded]:
    """The access lines of stdin, among which other lines of a container's log may stand.  ValueError where there are no access lines."""
    found, others = [], 0
    for line in sys.stdin:
        try:
            found.append(read_line(policy, line))
        except ValueError:
            others += bool(line.strip())
    if not found:
        raise ValueError("no line of the access log on stdin")
    if others and form == "text":
        print(f"cors-proxy explain: {others} lines are none of the access log", file=sys.stderr)
    return found


def _tell(source: PolicyText, policy: Policy, recorded: Recorded, form: str) -> tuple[bool, Any]:
    explanation = explain(policy, recorded.question)
    change = propose(source, policy, recorded.question)
    unknown = [*recorded.unknown, *differs(recorded, explanation)]
    if form == "json":
        origin = {"source": recorded.source, "unknown": unknown} if recorded.source else {}
        return explanation.allowed, origin | document(explanation, change)
    head = [recorded.source, *(f"  unknown: {each}" for each in unknown), ""] if recorded.source else []
    return explanation.allowed, "\n".join([*head, text(explanation, change, PolicyQuote(source))])
