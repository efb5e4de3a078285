"""The kinds of values of the grammar.  A kind decodes a node, describes itself as JSON Schema, and names itself in the reference.

Decoding never raises: what is wrong goes to the findings, and `MISSING` takes the value's place, so that all problems come out at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar

from ..cors.place import Place
from .nodes import Mapping, Node, Scalar, Sequence
from .problems import Findings, quote
from .scalars import ScalarError, nearest, one_of, word

T = TypeVar("T")
Schema = dict[str, Any]
MISSING: Any = object()
OFF_TOO = (False,)  # YAML 1.1 tools hand `off` over as false
VARIABLE: Schema = {"$ref": "#/$defs/variable"}


@dataclass(slots=True)
class Reader:
    """What decoding needs beside the nodes: where problems go, and the files that the policy names."""

    found: Findings
    folder: str
    files: list[str] = field(default_factory=list)
    lists: dict[str, Any] = field(default_factory=dict)  # files of origins, read once
    checked: set[tuple[object, ...]] = field(default_factory=set)
    _made: dict[tuple[str, int], Any] = field(default_factory=dict)

    def once(self, what: str, source: Iterable[Any], make: Callable[[Iterable[Any]], T]) -> T:
        """`make(source)`, made once: lists that routes inherit can be long, and the routes many.  The sections keep `source` alive."""
        key = what, id(source)
        if key not in self._made:
            self._made[key] = make(source)
        made: T = self._made[key]
        return made


class Kind(Protocol):
    @property
    def shown(self) -> str: ...
    def decode(self, node: Node, at: str, reader: Reader) -> Any: ...
    def schema(self) -> Schema: ...


class Item(NamedTuple):
    """One entry of a list, with its place."""

    value: Any
    place: Place


def describe(node: Node) -> str:
    """A node as messages name it."""
    if isinstance(node, Scalar):
        return "nothing" if node.nothing else quote(node.text)
    return "a list" if isinstance(node, Sequence) else "a mapping"


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, decoded by `parse`, which raises `ScalarError`; `json` is the JSON Schema of what is no string."""

    parse: Callable[[str], Any]
    shown: str
    json: Schema = field(default_factory=lambda: {"type": "string"})

    def decode(self, node: Node, at: str, reader: Reader) -> Any:
        if isinstance(node, Scalar) and node.broken:
            return MISSING
        if not isinstance(node, Scalar) or node.nothing:
            reader.found.add(node.place, "E203", f"{at}: expected {self.shown}, got {describe(node)}")
            return MISSING
        try:
            return self.parse(node.text)
        except ScalarError as error:
            hint = f"write {error.right}" if error.right else ""
            reader.found.add(
                node.place, error.code, f"{at}: expected {error.expected}, got {quote(node.text)}", hint
            )
            return MISSING

    def schema(self) -> Schema:
        return self.json if self.json == {"type": "string"} else {"anyOf": [self.json, VARIABLE]}


def words(*choices: str) -> Text:
    return Text(
        lambda text: word(text, choices),
        one_of(tuple(f"`{c}`" for c in choices)),
        {"enum": [*choices, *OFF_TOO[: "off" in choices]]},
    )


@dataclass(frozen=True, slots=True)
class Many:
    """A list, or one value; decodes to a tuple of `Item`.  `empty` says what an empty one would mean, if it is refused."""

    one: Text
    shown: str
    empty: str = ""

    def decode(self, node: Node, at: str, reader: Reader) -> Any:
        if isinstance(node, Mapping) or (isinstance(node, Scalar) and node.nothing):
            reader.found.add(node.place, "E203", f"{at}: expected {self.shown}, got {describe(node)}")
            return MISSING
        nodes = node.items if isinstance(node, Sequence) else [node]
        if not nodes and self.empty:
            reader.found.add(
                node.place,
                "E205",
                f"{at}: an empty list {self.empty}",
                "leave the key out, or name at least one",
            )
            return MISSING
        items = [
            Item(
                self.one.decode(entry, f"{at}[{i}]" if isinstance(node, Sequence) else at, reader),
                entry.place,
            )
            for i, entry in enumerate(nodes)
        ]
        kept = tuple(item for item in items if item.value is not MISSING)
        return kept if kept or not items else MISSING

    def schema(self) -> Schema:
        one = self.one.schema()
        return {"anyOf": [one, {"type": "array", "items": one, **({"minItems": 1} if self.empty else {})}]}


@dataclass(frozen=True, slots=True)
class Field:
    """One key: its kind, its default as the reference says it, what it means, and whether a reload may change it."""

    key: str
    kind: Kind
    default: str
    doc: str
    required: bool = False
    reload: bool = True


@dataclass(slots=True)
class Section:
    """A decoded mapping.  `value(key, default)` gives a value or the default; `places` has each key that was set, `spots` its value."""

    place: Place
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    spots: dict[str, Place] = field(default_factory=dict)

    def value(self, key: str, default: T) -> T:
        """The value of a key, or the default where it is not set (or was wrong)."""
        found: T = self.values.get(key, default)
        return found

    def item(self, key: str) -> Any:
        """The value of a key, or None."""
        return self.values.get(key)

    def items(self, key: str) -> tuple[Item, ...]:
        """The entries of a list, or none."""
        return self.value(key, ())


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping of known keys; decodes to a `Section`.  `elsewhere` are keys of the mapping `home` that mean nothing here."""

    fields: tuple[Field, ...]
    shown: str = "a mapping"
    elsewhere: tuple[str, ...] = ()
    home: str = ""

    def decode(self, node: Node, at: str, reader: Reader) -> Any:
        if not isinstance(node, Mapping):
            if not (isinstance(node, Scalar) and node.broken):
                reader.found.add(node.place, "E203", f"{at}: expected {self.shown}, got {describe(node)}")
            return MISSING
        section = Section(node.place)
        known = {one.key: one for one in self.fields}
        for key, value in node.entries:
            where = f"{at}.{key.text}" if at else key.text
            if key.text in self.elsewhere:
                message = f"{where}: it belongs to connections, and these serve all routes"
                reader.found.add(key.place, "E206", message, f"write it under {self.home}")
                continue
            if key.text not in known:
                guess = nearest(key.text, tuple(known))
                reader.found.add(
                    key.place,
                    "E201",
                    f"{at + ': ' if at else ''}unknown key {quote(key.text)}{f', is it {guess}?' if guess else ''}",
                    f"write {guess}:" if guess else f"known here: {', '.join(known)}",
                )
                continue
            section.places[key.text] = key.place
            section.spots[key.text] = value.place
            decoded = known[key.text].kind.decode(value, where, reader)
            if decoded is not MISSING:
                section.values[key.text] = decoded
        for one in self.fields:
            if one.required and one.key not in section.places:
                reader.found.add(
                    node.place,
                    "E202",
                    f"{at + ': ' if at else ''}the key {one.key} is missing",
                    f"add {one.key}: {one.default}",
                )
        return section

    def schema(self) -> Schema:
        required = [one.key for one in self.fields if one.required]
        properties = {one.key: {**one.kind.schema(), "description": plain(one)} for one in self.fields}
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": properties,
            **({"required": required} if required else {}),
        }


@dataclass(frozen=True, slots=True)
class OffOr:
    """`off`, which decodes to the word itself, or what another kind takes; `mapping` decodes mappings where that one does not."""

    kind: Kind
    mapping: Kind | None = None

    @property
    def shown(self) -> str:
        return f"{self.kind.shown}{', a mapping' if self.mapping else ''}, or `off`"

    def decode(self, node: Node, at: str, reader: Reader) -> Any:
        if isinstance(node, Scalar) and node.text == "off":
            return "off"
        if isinstance(node, Scalar) and not node.broken and isinstance(self.kind, Keys):
            reader.found.add(node.place, "E203", f"{at}: expected {self.shown}, got {describe(node)}")
            return MISSING
        return (self.mapping if self.mapping and isinstance(node, Mapping) else self.kind).decode(
            node, at, reader
        )

    def schema(self) -> Schema:
        return {
            "anyOf": [
                {"enum": ["off", *OFF_TOO]},
                self.kind.schema(),
                *([self.mapping.schema()] if self.mapping else []),
            ]
        }


@dataclass(frozen=True, slots=True)
class RouteList:
    """A list of mappings; decodes to a list of `Section`."""

    one: Keys
    shown: str = "a list of routes"

    def decode(self, node: Node, at: str, reader: Reader) -> Any:
        if not isinstance(node, Sequence):
            reader.found.add(
                node.place,
                "E203",
                f"{at}: expected {self.shown}, got {describe(node)}",
                "begin each route with - path:",
            )
            return MISSING
        decoded = [self.one.decode(entry, f"{at}[{i}]", reader) for i, entry in enumerate(node.items)]
        return [section for section in decoded if section is not MISSING]

    def schema(self) -> Schema:
        return {"type": "array", "items": self.one.schema()}


def plain(one: Field) -> str:
    """What an editor shows for a key."""
    return (
        f"{one.doc.replace('`', '')} Default: {one.default.replace('`', '')}."
        if one.default and not one.required
        else one.doc.replace("`", "")
    )
