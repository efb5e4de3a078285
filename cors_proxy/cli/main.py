"""The command line.

A verb's module is imported only when the verb is called: `healthcheck` runs every few seconds and
must start fast.
"""

import argparse
import os
import sys
from importlib import import_module
from typing import Final

from .. import __version__

VERBS: Final = {
    "run": "start the proxy",
    "check": "report everything that is wrong with a policy",
    "explain": "show what a browser does under a policy, and why",
    "test": "run unit tests of a policy",
    "schema": "print the policy's JSON Schema",
    "amp-origins": "list the origins of an AMP publisher's pages",
    "demo": "run a sample API, the proxy in front of it, and pages that call it",
    "healthcheck": "ask the admin listener whether the proxy is healthy, for a container's HEALTHCHECK",
}

MODULES: Final = {"test": "cases"}  # verbs whose module has another name

# Exit codes: 0 yes, 1 no (such as a refused policy), 2 wrong usage, 3 cannot bind.


def main(arguments: list[str] | None = None) -> int:
    """Runs one verb and returns its exit code.  Wrong options exit with 2 (argparse)."""
    words = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(
        prog="cors-proxy", description="A standalone reverse proxy that enforces CORS."
    )
    parser.add_argument("--version", action="version", version=f"cors-proxy {__version__}{_compiled()}")
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


def _compiled() -> str:
    """Says if the data path is not compiled (setup.py): a request then takes twice the CPU time."""
    package = os.path.dirname(os.path.dirname(__file__))
    return (
        "" if any(name.startswith("compiled__mypyc") for name in os.listdir(package)) else " (not compiled)"
    )
