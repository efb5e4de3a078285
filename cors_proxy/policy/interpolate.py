"""`${VAR}` in scalars.

The YAML is parsed before any variable is read.  So the value of a variable is always one scalar,
and cannot change the structure of the policy.
"""

import re
from collections.abc import Mapping

from .nodes import MappingNode, Node, ScalarNode, SequenceNode
from .problems import Findings, quote

# `$$`, or `${name}` with an optional operator and argument.  A `${` alone matches too, as an error.
_REFERENCE = re.compile(
    r"\$\$|\$\{(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"(?::(?P<operator>[-?])(?P<argument>(?:[^}$]|\$(?!\{))*))?\})?"
)


class InterpolationError(Exception):
    """A reference that cannot be expanded; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def expand(text: str, environ: Mapping[str, str]) -> str:
    """Expand `${VAR}`, `${VAR:-default}`, `${VAR:?message}` and `$$`; any other `$` is itself.

    As in a shell, `:-` and `:?` take an empty variable as one that is not set.  Raises
    `InterpolationError`.
    """

    def value(match: re.Match[str]) -> str:
        name, operator, argument = match.group("name", "operator", "argument")
        if match.group() == "$$":
            return "$"
        if name is None:
            message = f"not a variable: {quote(text[match.start() :])}"
            hint = "write ${NAME}, ${NAME:-default} or ${NAME:?message}; for the text ${ write $${"
            raise InterpolationError(message, hint)
        found = environ.get(name)
        # os.environ has surrogates in place of bytes that are not UTF-8 (PEP 383).
        if found and not found.isascii() and found != found.encode("utf-8", "replace").decode("utf-8"):
            raise InterpolationError(f"the variable {name} is not UTF-8", f"set {name} to text")
        not_set = f"the variable {name} is not set"
        if operator == "-":
            return found or argument
        if operator == "?" and not found:
            raise InterpolationError(f"{not_set}: {argument}" if argument else not_set, f"set {name}")
        if found is None:
            raise InterpolationError(not_set, f"set {name}, or write ${{{name}:-a default}}")
        return found

    return _REFERENCE.sub(value, text)


def interpolate(root: Node, environ: Mapping[str, str], findings: Findings) -> None:
    """Expand every scalar value of the tree in place, and mark those that fail as invalid.

    Keys are words of the grammar, so they are not expanded.
    """
    done: set[int] = set()  # aliases share nodes: expand each once
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in done:
            continue
        done.add(id(node))
        if isinstance(node, SequenceNode):
            waiting += node.items
        elif isinstance(node, MappingNode):
            waiting += (value for _, value in node.entries)
        elif "$" in node.text and not node.invalid:
            _expand_node(node, environ, findings)


def _expand_node(node: ScalarNode, environ: Mapping[str, str], findings: Findings) -> None:
    try:
        text = expand(node.text, environ)
    except InterpolationError as error:
        findings.add(node.place, "E108", str(error), error.hint)
        node.invalid = True
    else:
        # An empty variable is an empty value, not a missing one.
        node.unquoted = node.unquoted and text == node.text
        node.text = text
