"""The policy's own text for the page, line by line, while it still says what is in force."""

import re
from dataclasses import replace
from typing import Any, Final

from ...explain.change import PolicyText
from ...policy.model import Policy
from ...policy.problems import PolicyProblems

# A policy with a password in a URL is refused, but a comment may keep one.  A variable's value never
# stands in the text: that has `${NAME}`.
_USERINFO: Final = re.compile(r"(?<=://)[^/\s]+(?=@)")


def listing(policy: Policy, source: PolicyText | None) -> dict[str, Any]:
    """`file` as rules name it, and its `lines`; or no lines, and `why` there are none."""
    if source is None:
        version = policy.places.get("version")
        name = "the command line" if version is None else version.file
        return {"file": "", "lines": [], "why": f"The policy comes from {name}: its text cannot be read."}
    try:
        current = source.read()
    except PolicyProblems:
        current = None
    if current is None or not _same(current, policy):
        why = "The file has changed since it was loaded, so its lines are not those in force."
        return {"file": source.name, "lines": [], "why": why}
    lines = _USERINFO.sub("…", source.text).splitlines()
    return {"file": source.name, "lines": lines, "why": ""}


def _same(one: Policy, other: Policy) -> bool:
    """Whether they read alike.  On a terminal the format of the access log is chosen at the start."""
    server = replace(one.server, access_log=other.server.access_log)
    return (one.listen, one.admin, one.spec, one.forwarding, server, one.places) == (
        other.listen,
        other.admin,
        other.spec,
        other.forwarding,
        other.server,
        other.places,
    )
