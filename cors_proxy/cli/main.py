"""The command line.  A verb's module is imported when it is called: `healthcheck` runs every few seconds and must load next to nothing."""

import argparse
import os
import sys
from importlib import import_module
from typing import Final

from .. import __version__

VERBS: Final = {
    "run": "serve a policy",
    "check": "say everything that is wrong with a policy",
    "explain": "what a browser would do with the policy in its way, and why",
    "test": "a policy's own unit tests",
    "schema": "print the policy's JSON Schema",
    "amp-origins": "list the AMP cache origins of a publisher",
    "demo": "a sample API, the proxy in front of it, and pages that call it",
    "healthcheck": "ask a running proxy's admin listener; for a container's HEALTHCHECK",
}

MODULES: Final = {"test": "cases"}  # whose name differs from the verb's

# Exit codes: 0 fine, 1 the policy (or the verdict) says no, 2 usage, 3 cannot bind.


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(
        prog="cors-proxy", description="A standalone reverse proxy that enforces CORS."
    )
    parser.add_argument("--version", action="version", version=f"cors-proxy {__version__}{_built()}")
    verbs = parser.add_subparsers(dest="verb", metavar="verb", required=True)
    called = next((word for word in words if word in VERBS), None)
    for name, summary in VERBS.items():
        sub = verbs.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name == called:
            module = import_module(f"{__package__}.{MODULES.get(name, name.replace('-', '_'))}")
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    args = parser.parse_args(words)
    code: int = args.run(args)
    return code


def _built() -> str:
    """Whether the data path is compiled (setup.py): without, a request costs twice as much."""
    package = os.path.dirname(os.path.dirname(__file__))
    return (
        "" if any(name.startswith("compiled__mypyc") for name in os.listdir(package)) else " (not compiled)"
    )
