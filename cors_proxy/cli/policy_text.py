"""A policy with its text: what the verbs need that quote its lines or change them."""

import os
import sys
from collections.abc import Mapping

from ..explain.change import PolicyText
from ..policy.model import Policy
from ..policy.nodes import decode_utf8
from ..policy.origins import read_file
from ..policy.problems import PolicyProblems
from ..policy.read import find_source
from .check import as_json, as_text

NO_POLICY = "no policy: name one with -c, put it into CORS_PROXY_POLICY or ./policy.yaml"


def read_text(config: str | None, environ: Mapping[str, str]) -> tuple[PolicyText, Policy]:
    """Raises ValueError where no policy is named, `PolicyProblems` where it is refused."""
    source = find_source(config, environ)
    if source is None:
        raise ValueError(NO_POLICY)
    policy, _ = source.read(environ)
    text = decode_utf8(read_file(source.name), source.name) if source.text is None else source.text
    folder = os.path.dirname(source.name) if source.text is None else ""
    return PolicyText(text, source.name, folder, environ), policy


def say_refused(refused: PolicyProblems, name: str, form: str) -> int:
    """What is wrong with the policy, in the form that was asked for; the exit code.  JSON is the only thing printed."""
    if form == "json":
        print(as_json(name, refused.problems, None), end="")
    else:
        print(as_text(name, refused.problems, None), end="", file=sys.stderr)
    return 1
