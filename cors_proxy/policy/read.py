"""Reads a policy: from a file or a text to a frozen `Policy` and its warnings, or all its problems.

find_source -> Source -> read_policy or parse_policy -> (Policy, warnings)
"""

import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..cors.compile import compile_site
from ..cors.place import Place
from . import suffixes
from .assertions import build_assertions, check_assertions
from .build import build_forwarding, build_site
from .fields import KEY_HOMES, POLICY
from .files import decode_utf8, read_file, reason
from .interpolate import interpolate
from .mappings import Section
from .model import DEFAULT_LISTEN, Policy
from .nodes import compose
from .problems import Findings, PolicyProblems, Problem
from .server import build_admin, build_decide, build_server, check_upstream_is_needed
from .types import INVALID, Context

POLICY_VARIABLE = "CORS_PROXY_POLICY"
DEFAULT_FILE = "policy.yaml"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a policy comes from: the file `name`, or `text` with `name` only for messages.

    `options` has the option of the command line that each line of `text` came from.
    """

    name: str
    text: str | None = None
    options: tuple[str, ...] = ()

    def read(self, environ: Mapping[str, str] = os.environ) -> tuple[Policy, list[Problem]]:
        """The policy and its warnings; each call reads the file again.  Raises `PolicyProblems`."""
        return (
            read_policy(self.name, environ)
            if self.text is None
            else parse_policy(self.text, self.name, "", environ, options=self.options)
        )


def find_source(argument: str | None, environ: Mapping[str, str]) -> Source | None:
    """The policy that a verb works on, or None, which is a usage error.

    That is the argument of -c; else `CORS_PROXY_POLICY`, which is a path or the YAML itself; else
    `./policy.yaml` if it exists.
    """
    if argument is not None:
        return Source(argument)
    if value := environ.get(POLICY_VARIABLE):
        return Source(POLICY_VARIABLE, value) if _is_yaml(value) else Source(value)
    return Source(DEFAULT_FILE) if os.path.exists(DEFAULT_FILE) else None


def _is_yaml(value: str) -> bool:
    """Whether it is YAML and not a path: more than one line, `{…`, or `key: …`."""
    return "\n" in value or re.match(r"\s*(?:\{|[\w\"']+:\s)", value) is not None


def read_policy(source: str, environ: Mapping[str, str] = os.environ) -> tuple[Policy, list[Problem]]:
    """The policy in the file `source`, and its warnings.

    Raises `PolicyProblems` with all errors and warnings, and the files that were read.
    """
    try:
        data = read_file(source)
    except (OSError, ValueError) as error:
        message = f"cannot read the policy: {reason(error)}"
        problem = Problem(Place(source, 1, 1), "E101", message, _unreadable_hint(source, error))
        raise PolicyProblems([problem], [source]) from None
    try:
        return parse_policy(decode_utf8(data, source), source, os.path.dirname(source), environ, [source])
    except PolicyProblems as error:
        error.files = error.files or (source,)
        raise


def _unreadable_hint(name: str, error: OSError | ValueError) -> str:
    """What to do.  In a container the file belongs to another user than the proxy's."""
    if not isinstance(error, PermissionError):
        return "name the file with -c"
    try:
        status = os.stat(name)
    except OSError:
        folder = os.path.dirname(name) or "."
        return f"the proxy runs as uid {os.geteuid()}, which cannot enter the folder: chmod a+rx {folder}"
    return (
        f"the proxy runs as uid {os.geteuid()}, the file belongs to uid {status.st_uid} and has mode"
        f" {stat.S_IMODE(status.st_mode):04o}: chmod a+r {name}"
    )


def parse_policy(
    text: str,
    name: str,
    folder: str,
    environ: Mapping[str, str] = os.environ,
    files: list[str] | None = None,
    options: Sequence[str] = (),
) -> tuple[Policy, list[Problem]]:
    """The policy in `text`, and its warnings.  Raises `PolicyProblems`.

    `name` is the file of its places, `folder` is what the names of files in it are relative to,
    and `files` are those that were read already.  With `options`, the place of a line is its option.
    """
    root, problems = compose(text, name, options)
    context = Context(Findings(), folder, list(files or []), KEY_HOMES, environ)
    for problem in problems:
        context.findings.add(problem.place, problem.code, problem.message, problem.hint)
    interpolate(root, environ, context.findings)
    section = POLICY.decode(root, "", context)
    assert section is not INVALID  # `compose` returns a mapping, which always decodes
    policy = _build_policy(section, context)
    suffixes.unload()
    found = context.findings.sorted(name)
    if policy is None:
        raise PolicyProblems(found, dict.fromkeys(context.files))
    return policy, found


def _build_policy(section: Section, context: Context) -> Policy | None:
    spec = build_site(section, context)
    server = build_server(section.get("server"), context)
    forwarding = build_forwarding(section, server, context)
    admin = build_admin(section)
    decide = build_decide(section, context)
    check_upstream_is_needed(section, context)
    assertions = build_assertions(section.value("assert", []), context)
    if context.findings.failed:
        return None
    site = compile_site(spec)
    check_assertions(spec, site, assertions, context.findings)
    if context.findings.failed:
        return None
    server_section = section.get("server")
    server_places = server_section.key_places if server_section else {}
    return Policy(
        listen=section.value("listen", DEFAULT_LISTEN),
        admin=admin,
        site=site,
        spec=spec,
        forwarding=forwarding,
        server=server,
        files=tuple(dict.fromkeys(context.files)),
        places=section.key_places | {f"server.{key}": place for key, place in server_places.items()},
        decide=decide,
        dangers=frozenset(item.value for item in section.items("dangerously_allow")),
        assertions=assertions,
    )
