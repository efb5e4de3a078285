"""Types of values: how a node is decoded, how it looks in JSON Schema, what messages call it.

Decoding never raises.  A problem goes to the findings and `INVALID` takes the value's place, so
that one run reports every problem of a policy.  Mappings have their own module, `mappings`.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

from ..cors.escape import redacted
from ..cors.place import Place
from .nodes import MappingNode, Node, ScalarNode, SequenceNode
from .problems import Findings, quote
from .scalars import ScalarError, join_choices, parse_choice

T = TypeVar("T")
Schema = dict[str, Any]
INVALID: Any = object()
# Editors check a policy with a YAML 1.1 parser, and that one turns `off` into false.
YAML_OFF = (False,)
STRING: Schema = {"type": "string"}
VARIABLE: Schema = {"$ref": "#/$defs/variable"}
FEED_SCHEMA: Schema = {"$ref": "#/$defs/feed"}


@dataclass(slots=True)
class Context:
    """What decoding needs beside the nodes.

    Problems go to `findings`.  `folder` is what the names of files are relative to; `files` are
    those that were read; `environ` has the variables.  `homes` says where each key of the grammar belongs.
    """

    findings: Findings
    folder: str
    files: list[str] = dataclasses.field(default_factory=list)
    homes: Mapping[str, str] = dataclasses.field(default_factory=dict)  # `mappings.key_homes`
    environ: Mapping[str, str] = dataclasses.field(default_factory=dict)
    origin_files: dict[str, Any] = dataclasses.field(default_factory=dict)  # entries by file name
    checked: set[tuple[object, ...]] = dataclasses.field(default_factory=set)
    _cache: dict[tuple[str, int], Any] = dataclasses.field(default_factory=dict)

    def once(self, name: str, source: Iterable[Any], make: Callable[[Iterable[Any]], T]) -> T:
        """`make(source)`, computed once per list: thousands of routes may inherit a long one.

        The key is the list's identity; the decoded sections keep the list alive.
        """
        key = name, id(source)
        if key not in self._cache:
            self._cache[key] = make(source)
        made: T = self._cache[key]
        return made


class Type(Protocol):
    """The type of a key's value.  `expected` names it in messages and in docs/policy.md."""

    @property
    def expected(self) -> str: ...
    def decode(self, node: Node, at: str, context: Context) -> Any: ...
    def schema(self) -> Schema: ...


class Item(NamedTuple):
    """One entry of a list, with its place."""

    value: Any
    place: Place


def report_type(node: Node, at: str, expected: str, context: Context, hint: str = "") -> None:
    """Report that `at` has a value of another type than `expected`."""
    context.findings.add(node.place, "E203", f"{at}: expected {expected}, got {describe(node)}", hint)


def report_empty(node: Node, at: str, consequence: str, context: Context) -> None:
    """Report an empty list; `consequence` says what it would do."""
    hint = "leave the key out, or list at least one"
    context.findings.add(node.place, "E205", f"{at}: an empty list {consequence}", hint)


def describe(node: Node) -> str:
    """A node as messages name it."""
    if isinstance(node, ScalarNode):
        return "nothing" if node.is_missing else quote(node.text)
    return "a list" if isinstance(node, SequenceNode) else "a mapping"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar, decoded by `parse`, which raises `ScalarError`.

    `json` is the JSON Schema of its values; `${VAR}` is accepted beside them.
    """

    parse: Callable[[str], Any]
    expected: str
    json: Schema = dataclasses.field(default_factory=lambda: STRING)

    def decode(self, node: Node, at: str, context: Context) -> Any:
        if isinstance(node, ScalarNode) and node.invalid:
            return INVALID
        if not isinstance(node, ScalarNode) or node.is_missing:
            report_type(node, at, self.expected, context)
            return INVALID
        try:
            return self.parse(node.text)
        except ScalarError as error:
            message = f"{at}: expected {error.expected}, got {quote(redacted(node.text))}"
            context.findings.add(node.place, error.code, message, error.hint)
            return INVALID

    def schema(self) -> Schema:
        return self.json if self.json == STRING else {"anyOf": [self.json, VARIABLE]}


def one_of(*choices: str) -> Scalar:
    """One of the given words."""
    return Scalar(
        lambda text: parse_choice(text, choices),
        join_choices(tuple(f"`{choice}`" for choice in choices)),
        {"enum": [*choices, *YAML_OFF[: "off" in choices]]},
    )


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list, or one value of `element`; decodes to a tuple of `Item`.

    If `empty` is given, an empty list is an error, and `empty` says what it would do.
    """

    element: Scalar
    expected: str
    empty: str = ""

    def decode(self, node: Node, at: str, context: Context) -> Any:
        if isinstance(node, MappingNode) or (isinstance(node, ScalarNode) and node.is_missing):
            report_type(node, at, self.expected, context)
            return INVALID
        nodes = node.items if isinstance(node, SequenceNode) else [node]
        if not nodes and self.empty:
            report_empty(node, at, self.empty, context)
            return INVALID
        items = [
            Item(self.element.decode(entry, entry_path(node, at, i), context), entry.place)
            for i, entry in enumerate(nodes)
        ]
        valid = tuple(item for item in items if item.value is not INVALID)
        return valid if valid or not items else INVALID

    def schema(self) -> Schema:
        return list_schema(self.element.schema(), self.empty)


def entry_path(node: Node, at: str, index: int) -> str:
    """The name of an entry in messages: `origins[2]`, or `origins` where it is the only value."""
    return f"{at}[{index}]" if isinstance(node, SequenceNode) else at


def list_schema(element: Schema, empty: str) -> Schema:
    """The JSON Schema of one value or a list of them, not an empty one if `empty` is given."""
    return {"anyOf": [element, {"type": "array", "items": element, **({"minItems": 1} if empty else {})}]}
