"""`${VAR}` in scalars: one variable is one value.  The YAML structure stands before any variable is read, so no value can change it."""

import re
from collections.abc import Mapping as Environment

from .nodes import Mapping, Node, Scalar, Sequence
from .problems import Findings, quote

_PART = re.compile(
    r"\$\$|\$\{(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::(?P<how>[-?])(?P<rest>(?:[^}$]|\$(?!\{))*))?\})?"
)


class InterpolationError(Exception):
    """Says what is wrong, and what would be right."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def expand(text: str, environ: Environment[str, str]) -> str:
    """`${VAR}`, `${VAR:-default}` (also where VAR is empty), `${VAR:?message}` and `$$`; any other `$` is itself."""

    def value(match: re.Match[str]) -> str:
        name, how, rest = match.group("name", "how", "rest")
        if match.group() == "$$":
            return "$"
        if name is None:
            message = f"not a variable: {quote(text[match.start() :])}"
            raise InterpolationError(
                message, "write ${NAME}, ${NAME:-default} or ${NAME:?message}; $${ for the text ${"
            )
        found = environ.get(name)
        if found and not found.isascii() and found != found.encode("utf-8", "replace").decode("utf-8"):
            raise InterpolationError(
                f"the variable {name} holds bytes that are not UTF-8", f"set {name} to text"
            )
        if how == "-":
            return found or rest
        if how == "?" and not found:
            raise InterpolationError(
                f"the variable {name} is not set: {rest}" if rest else f"the variable {name} is not set",
                f"set {name}",
            )
        if found is None:
            raise InterpolationError(
                f"the variable {name} is not set", f"set {name}, or write ${{{name}:-a default}}"
            )
        return found

    return _PART.sub(value, text)


def interpolate(root: Node, environ: Environment[str, str], found: Findings) -> None:
    """Expands every scalar value of the tree in place (keys are the grammar's own words); what cannot be expanded is marked as broken."""
    done: set[int] = set()
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in done:
            continue
        done.add(id(node))
        if isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            waiting += (value for _, value in node.entries)
        elif "$" in node.text and not node.broken:
            _expand(node, environ, found)


def _expand(node: Scalar, environ: Environment[str, str], found: Findings) -> None:
    try:
        text = expand(node.text, environ)
    except InterpolationError as error:
        found.add(node.place, "E108", str(error), error.hint)
        node.broken = True
    else:
        node.plain = (
            node.plain and text == node.text
        )  # an empty variable is an empty value, not a missing one
        node.text = text
