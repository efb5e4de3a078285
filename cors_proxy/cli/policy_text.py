"""A policy together with its text, for the verbs that quote its lines or propose changes."""

import os
import sys
from collections.abc import Mapping

from ..explain.change import PolicyText
from ..policy.files import decode_utf8, read_file
from ..policy.model import Policy
from ..policy.problems import PolicyProblems
from ..policy.read import find_source
from .check import as_json, as_text
from .policy_argument import NO_POLICY


def read_policy_text(config: str | None, environ: Mapping[str, str]) -> tuple[PolicyText, Policy]:
    """The policy that -c or the environment names, with its text.

    Raises ValueError where no policy is named, and `PolicyProblems` where it is refused.
    """
    source = find_source(config, environ)
    if source is None:
        raise ValueError(NO_POLICY)
    policy, _ = source.read(environ)
    text = decode_utf8(read_file(source.name), source.name) if source.text is None else source.text
    folder = os.path.dirname(source.name) if source.text is None else ""
    return PolicyText(text, source.name, folder, environ), policy


def report_refused(refused: PolicyProblems, name: str, form: str) -> int:
    """Print the problems of a refused policy, and return the exit code.

    Text goes to stderr.  JSON goes to stdout, and is then the only output.
    """
    if form == "json":
        print(as_json(name, refused.problems, None), end="")
    else:
        print(as_text(name, refused.problems, None), end="", file=sys.stderr)
    return 1
