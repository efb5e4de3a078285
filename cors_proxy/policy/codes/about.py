"""The form of an explanation."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Example:
    """A policy, or what follows `version` and `upstream` in it if it is not `whole`.

    `files` are beside the policy, `environ` has the variables.  `running` is the policy that a
    reload replaces.  If `command` is given, it is typed where policy.yaml is.
    `missing` is a package that is not installed.
    """

    text: str = ""
    whole: bool = False
    files: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    running: str = ""
    command: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What a code means and why, in Markdown, with a policy that has the problem and one without."""

    meaning: str
    wrong: Example
    right: Example
    why: str
