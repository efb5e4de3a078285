"""`explain`: what a browser would do with the policy in its way, why, and what would change it."""

import argparse
import json
import os
import sys

from ..operate.explanation.browser import explain
from ..operate.explanation.change import propose
from ..operate.explanation.document import document
from ..operate.explanation.question import ask
from ..operate.explanation.text import text
from ..policy.problems import PolicyProblems
from .policy_text import PolicyQuote, read_text, say_refused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-c", "--config", metavar="FILE", help="the policy; else CORS_PROXY_POLICY (a path, or the YAML itself), else ./policy.yaml"
    )
    parser.add_argument("where", metavar="PATH|URL", help="/items, or https://api.example.com/items; ws:// and wss:// open a WebSocket")
    parser.add_argument("--origin", required=True, help="the page's origin, as its browser sends it: https://app.example.com, or null")
    parser.add_argument("--method", default="GET", help="default GET")
    parser.add_argument(
        "--header", metavar="NAME|'NAME: VALUE'", action="append", default=[], help="a header that the page sets; may be repeated"
    )
    parser.add_argument("--credentials", action="store_true", help="the page asks for cookies to be sent: credentials: 'include'")
    parser.add_argument("--upload-listener", action="store_true", help="the page watches its upload, which needs a preflight")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default text")


def run(args: argparse.Namespace) -> int:
    """0 where the page gets the API's answer, 1 where not or where the policy is refused, 2 usage."""
    try:
        source, policy = read_text(args.config, os.environ)
        question = ask(policy, args.where, args.origin, args.method, args.header, args.credentials, args.upload_listener)
    except PolicyProblems as refused:
        return say_refused(refused, args.config or "policy", args.format)
    except ValueError as wrong:
        if args.format == "json":
            print(json.dumps({"error": str(wrong)}))
        else:
            print(f"cors-proxy explain: {wrong}", file=sys.stderr)
        return 2
    explanation = explain(policy, question)
    change = propose(source, policy, question)
    if args.format == "json":
        print(json.dumps(document(explanation, change), indent=2))
    else:
        print(text(explanation, change, PolicyQuote(source)), end="")
    return 0 if explanation.allowed else 1
