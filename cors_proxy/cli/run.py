"""`run`: starts the proxy, with a policy file or with a few options instead."""

import argparse
import os
import sys
from dataclasses import replace
from typing import Final

from ..colour import is_terminal
from ..operate import light_aiohttp  # noqa: F401  (before anything that imports aiohttp)
from ..operate.launch import serve
from ..policy.from_options import HEADERS, METHODS, source_from_options, told_defaults
from ..policy.model import DEFAULT_ADMIN, DEFAULT_LISTEN, Policy
from ..policy.problems import PolicyProblems, Problem
from ..policy.read import Source, find_source
from ..policy.values import DEFAULT_MODE
from .policy_argument import NO_POLICY, add_config_argument

# Options that need --upstream, because a policy file has keys for them.
WITHOUT_FILE: Final = (
    "allow_origin",
    "allow_method",
    "allow_header",
    "expose",
    "listen",
    "admin",
    "self_origin",
    "credentials",
    "mode",
    "debug",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_argument(parser)
    options = parser.add_argument_group("without a policy file")
    options.add_argument("--upstream", metavar="URL", help="the API: http://localhost:3000")
    _repeatable(options, "--allow-origin", "ORIGIN", 'an allowed origin, a pattern, or "*"')
    _repeatable(
        options,
        "--allow-method",
        "METHOD",
        f"a method that these origins may use; default for named origins: {', '.join(METHODS)}",
    )
    _repeatable(
        options,
        "--allow-header",
        "NAME",
        f"a request header that they may send; default for named origins: {', '.join(HEADERS)}",
    )
    _repeatable(options, "--expose", "NAME", "a response header that they may read")
    options.add_argument("--listen", metavar="ADDRESS", help=f"host:port; default {DEFAULT_LISTEN}")
    options.add_argument("--admin", metavar="ADDRESS", help=f"host:port, or off; default {DEFAULT_ADMIN}")
    _repeatable(options, "--self-origin", "ORIGIN", "the API's own origin, as browsers see it")
    options.add_argument(
        "--credentials", action="store_true", help="let pages send cookies and HTTP authentication"
    )
    options.add_argument("--mode", choices=("enforce", "headers", "report"), help=f"default {DEFAULT_MODE}")
    options.add_argument(
        "--debug", action="store_true", help="name the reason and the deciding option in every refusal"
    )


def _repeatable(options: argparse._ArgumentGroup, name: str, metavar: str, text: str) -> None:
    options.add_argument(name, metavar=metavar, action="append", default=[], help=f"{text}; can be repeated")


def run(args: argparse.Namespace) -> int:
    """Serves until it is stopped.  Returns 1 if the policy is refused, and 2 for wrong usage."""
    try:
        source = _source(args)
    except ValueError as error:
        print(f"cors-proxy run: {error}", file=sys.stderr)
        return 2

    def read() -> tuple[Policy, list[Problem]]:
        policy, warnings = source.read()
        return (_for_terminal(policy) if is_terminal(sys.stdout) else policy), warnings

    try:
        policy, warnings = read()
    except PolicyProblems as refused:
        print(refused, file=sys.stderr)
        return 1
    notice = "" if args.upstream is None else told_defaults(policy, args.allow_method, args.allow_header)
    return serve(policy, warnings, read, notice)


def _for_terminal(policy: Policy) -> Policy:
    """With an access log that a person can read, unless the policy sets its format."""
    if "server.access_log" in policy.places:
        return policy
    return replace(policy, server=replace(policy.server, access_log="text"))


def _source(args: argparse.Namespace) -> Source:
    """The policy that the options name or describe.  Raises ValueError for wrong options."""
    if args.upstream is not None:
        if args.config is not None:
            raise ValueError("-c and --upstream exclude each other")
        return source_from_options(args.upstream, **{name: getattr(args, name) for name in WITHOUT_FILE})
    if given := [name for name in WITHOUT_FILE if getattr(args, name)]:
        raise ValueError(f"--{given[0].replace('_', '-')} needs --upstream")
    source = find_source(args.config, os.environ)
    if source is None:
        raise ValueError(f"{NO_POLICY}, or use --upstream URL --allow-origin ORIGIN")
    return source
