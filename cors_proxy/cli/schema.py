"""`schema`: the JSON Schema of a policy, for editors."""

import argparse

from ..policy.schema import schema_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb has none."""


def run(args: argparse.Namespace) -> int:
    print(schema_text(), end="")
    return 0
