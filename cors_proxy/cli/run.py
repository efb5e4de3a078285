"""`run`: serve a policy, from a file or from a few options."""

import argparse
import os
import sys
from typing import Final

from ..operate import light_aiohttp  # noqa: F401  (before anything that imports aiohttp)
from ..operate.launch import serve
from ..policy.problems import PolicyProblems
from ..policy.quick import quick_source
from ..policy.read import FILE, VARIABLE, Source, find_source

QUICK: Final = ("allow_origin", "listen", "admin", "self_origin", "credentials", "mode")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-c",
        "--config",
        metavar="FILE",
        help="the policy; else CORS_PROXY_POLICY (a path, or the YAML itself), else ./policy.yaml",
    )
    quick = parser.add_argument_group("without a file")
    quick.add_argument("--upstream", metavar="URL", help="the API: http://localhost:3000")
    quick.add_argument(
        "--allow-origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="an origin, a pattern, or *; may be repeated",
    )
    quick.add_argument("--listen", metavar="ADDRESS", help="host:port; default 127.0.0.1:8080")
    quick.add_argument("--admin", metavar="ADDRESS", help="host:port, or off; default 127.0.0.1:9901")
    quick.add_argument(
        "--self-origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="what browsers call this API; may be repeated",
    )
    quick.add_argument("--credentials", action="store_true", help="cookies and Authorization may come along")
    quick.add_argument("--mode", choices=("enforce", "headers", "report"), help="default enforce")


def run(args: argparse.Namespace) -> int:
    try:
        source = _source(args)
    except ValueError as wrong:
        print(f"cors-proxy run: {wrong}", file=sys.stderr)
        return 2
    try:
        policy, warnings = source.read()
    except PolicyProblems as refused:
        print(refused, file=sys.stderr)
        return 1
    return serve(policy, warnings, source.read)


def _source(args: argparse.Namespace) -> Source:
    """ValueError where the options contradict each other, or name no policy."""
    if args.upstream is not None:
        if args.config is not None:
            raise ValueError("-c and --upstream exclude each other")
        return quick_source(
            args.upstream,
            args.allow_origin,
            args.listen,
            args.self_origin,
            args.credentials,
            args.mode,
            args.admin,
        )
    if given := [name for name in QUICK if getattr(args, name)]:
        raise ValueError(f"--{given[0].replace('_', '-')} needs --upstream")
    source = find_source(args.config, os.environ)
    if source is None:
        raise ValueError(
            f"no policy: name one with -c, put it into {VARIABLE} or ./{FILE}, or use --upstream URL --allow-origin ORIGIN"
        )
    return source
