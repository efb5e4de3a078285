"""The command line: finds the verb and runs it.

Exit codes: 0 yes, 1 no (such as a refused policy), 2 wrong usage, 3 cannot bind.
"""

import sys

from .parser import parse


def main(arguments: list[str] | None = None) -> int:
    """Runs one verb and returns its exit code.  Wrong options exit with 2 (argparse)."""
    args = parse(sys.argv[1:] if arguments is None else arguments)
    code: int = args.run(args)
    return code
