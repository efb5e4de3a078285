"""-c, the argument of every verb that works on a policy."""

import argparse
from typing import Final

from ..policy.read import DEFAULT_FILE, POLICY_VARIABLE

NO_POLICY: Final = f"no policy: name one with -c, put it into {POLICY_VARIABLE} or into ./{DEFAULT_FILE}"


def add_config_argument(parser: argparse.ArgumentParser, prefix: str = "the policy; default: ") -> None:
    """Add -c and --config.  Their help is `prefix`, then where a policy is found without -c."""
    parser.add_argument(
        "-c",
        "--config",
        metavar="FILE",
        help=f"{prefix}{POLICY_VARIABLE} (a path, or the YAML itself), else ./{DEFAULT_FILE}",
    )
