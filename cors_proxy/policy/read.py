"""From a file, or the text of one, to a frozen `Policy`: all problems at once, or the policy and its warnings.

find_source -> Source -> read_policy -> (Policy, warnings)
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..cors.compile import compile_site
from ..cors.place import Place
from . import suffixes
from .build import build_forwarding, build_site
from .fields import POLICY
from .interpolate import interpolate
from .model import Policy
from .nodes import compose, decode_utf8
from .origins import read_file
from .problems import Findings, PolicyProblems, Problem
from .server import LISTEN, build_admin, build_server
from .types import MISSING, Reader, Section

VARIABLE = "CORS_PROXY_POLICY"
FILE = "policy.yaml"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a policy comes from: a file, or a text (then `name` is only what places are called by)."""

    name: str
    text: str | None = None

    def read(self, environ: Mapping[str, str] = os.environ) -> tuple[Policy, list[Problem]]:
        """The policy and its warnings; reads the file again each time.  Raises `PolicyProblems`."""
        return (
            read_policy(self.name, environ)
            if self.text is None
            else parse_policy(self.text, self.name, "", environ)
        )


def find_source(argument: str | None, environ: Mapping[str, str]) -> Source | None:
    """`-c`, else `CORS_PROXY_POLICY` (a path, or the YAML itself), else `./policy.yaml` if it is there, else None: a usage error."""
    if argument is not None:
        return Source(argument)
    if value := environ.get(VARIABLE):
        return Source(VARIABLE, value) if _is_yaml(value) else Source(value)
    return Source(FILE) if os.path.exists(FILE) else None


def _is_yaml(value: str) -> bool:
    return "\n" in value or re.match(r"\s*(?:\{|[\w\"']+:\s)", value) is not None


def read_policy(source: str, environ: Mapping[str, str] = os.environ) -> tuple[Policy, list[Problem]]:
    """Reads the policy in the file `source`.  Raises `PolicyProblems` with everything that is wrong; else returns it with its warnings."""
    try:
        data = read_file(source)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise PolicyProblems(
            [
                Problem(
                    Place(source, 1, 1), "E101", f"cannot read the policy: {reason}", "name the file with -c"
                )
            ],
            [source],
        ) from None
    try:
        return parse_policy(decode_utf8(data, source), source, os.path.dirname(source), environ, [source])
    except PolicyProblems as error:
        error.files = error.files or (source,)
        raise


def parse_policy(
    text: str, name: str, folder: str, environ: Mapping[str, str] = os.environ, files: list[str] | None = None
) -> tuple[Policy, list[Problem]]:
    """Reads a policy's text; `name` is the file of its places, `folder` what its files are relative to."""
    root, problems = compose(text, name)
    reader = Reader(Findings(), folder, list(files or []))
    for problem in problems:
        reader.found.add(problem.place, problem.code, problem.message, problem.hint)
    interpolate(root, environ, reader.found)
    section = POLICY.decode(root, "", reader)
    assert section is not MISSING  # the root is a mapping
    policy = _build(section, reader)
    suffixes.forget()
    found = reader.found.sorted(name)
    if policy is None:
        raise PolicyProblems(found, dict.fromkeys(reader.files))
    return policy, found


def _build(section: Section, reader: Reader) -> Policy | None:
    spec = build_site(section, reader)
    server = build_server(section.item("server"), reader)
    forwarding = build_forwarding(section, server, reader)
    admin = build_admin(section)
    if reader.found.failed:
        return None
    places = {
        **section.places,
        **{
            f"server.{key}": place
            for key, place in (section.values["server"].places if "server" in section.values else {}).items()
        },
    }
    return Policy(
        listen=section.value("listen", LISTEN),
        admin=admin,
        site=compile_site(spec),
        spec=spec,
        forwarding=forwarding,
        server=server,
        files=tuple(dict.fromkeys(reader.files)),
        places=places,
    )
