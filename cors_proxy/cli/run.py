"""`run`: starts the proxy, with a policy file or with a few options instead."""

import argparse
import os
import sys
from typing import Final

from ..operate import light_aiohttp  # noqa: F401  (before anything that imports aiohttp)
from ..operate.launch import serve
from ..policy.from_options import source_from_options
from ..policy.model import DEFAULT_ADMIN, DEFAULT_LISTEN
from ..policy.problems import PolicyProblems
from ..policy.read import Source, find_source
from ..policy.values import DEFAULT_MODE
from .policy_argument import NO_POLICY, add_config_argument

# Options that need --upstream, because a policy file has keys for them.
WITHOUT_FILE: Final = ("allow_origin", "listen", "admin", "self_origin", "credentials", "mode")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_argument(parser)
    options = parser.add_argument_group("without a policy file")
    options.add_argument("--upstream", metavar="URL", help="the API: http://localhost:3000")
    options.add_argument(
        "--allow-origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="an allowed origin, a pattern, or *; can be repeated",
    )
    options.add_argument("--listen", metavar="ADDRESS", help=f"host:port; default {DEFAULT_LISTEN}")
    options.add_argument("--admin", metavar="ADDRESS", help=f"host:port, or off; default {DEFAULT_ADMIN}")
    options.add_argument(
        "--self-origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="the API's own origin, as browsers see it; can be repeated",
    )
    options.add_argument(
        "--credentials", action="store_true", help="let pages send cookies and HTTP authentication"
    )
    options.add_argument("--mode", choices=("enforce", "headers", "report"), help=f"default {DEFAULT_MODE}")


def run(args: argparse.Namespace) -> int:
    """Serves until it is stopped.  Returns 1 if the policy is refused, and 2 for wrong usage."""
    try:
        source = _source(args)
    except ValueError as error:
        print(f"cors-proxy run: {error}", file=sys.stderr)
        return 2
    try:
        policy, warnings = source.read()
    except PolicyProblems as refused:
        print(refused, file=sys.stderr)
        return 1
    return serve(policy, warnings, source.read)


def _source(args: argparse.Namespace) -> Source:
    """The policy that the options name or describe.  Raises ValueError for wrong options."""
    if args.upstream is not None:
        if args.config is not None:
            raise ValueError("-c and --upstream exclude each other")
        return source_from_options(
            args.upstream,
            args.allow_origin,
            args.listen,
            args.self_origin,
            args.credentials,
            args.mode,
            args.admin,
        )
    if given := [name for name in WITHOUT_FILE if getattr(args, name)]:
        raise ValueError(f"--{given[0].replace('_', '-')} needs --upstream")
    source = find_source(args.config, os.environ)
    if source is None:
        raise ValueError(f"{NO_POLICY}, or use --upstream URL --allow-origin ORIGIN")
    return source
