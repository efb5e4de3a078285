"""Types of mappings: the table of their keys decodes them and describes them in schema and docs."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from ..cors.place import Place
from .nodes import MappingNode, Node, ScalarNode, SequenceNode
from .problems import quote
from .spellings import meant_key
from .types import INVALID, YAML_OFF, Context, Item, Schema, Type, entry_path, report_type

T = TypeVar("T")
MAX_KEY = 60  # longer texts are no misspelled keys, and comparing them takes time


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a mapping.

    `default` and `doc` are texts for docs/policy.md; a required key has an example as its default.
    `unless` is a key beside which a required one may be left out.  `reloadable` says whether a
    reload may change it.
    """

    key: str
    type: Type
    default: str
    doc: str
    required: bool = False
    reloadable: bool = True
    unless: str = ""

    def description(self) -> str:
        """What an editor shows for the key: plain text, no Markdown."""
        default = f" Default: {self.default}." if self.default and not self.required else ""
        return f"{self.doc}{default}".replace("`", "")


@dataclass(slots=True)
class Section:
    """A decoded mapping, which is at `place`.

    `values` has the keys that are set and valid.  `key_places` has each key that is set, valid or
    not, and `value_places` has the places of their values.
    """

    place: Place
    values: dict[str, Any] = dataclasses.field(default_factory=dict)
    key_places: dict[str, Place] = dataclasses.field(default_factory=dict)
    value_places: dict[str, Place] = dataclasses.field(default_factory=dict)

    def value(self, key: str, default: T) -> T:
        """The value of a key, or `default` where it is not set or is invalid."""
        found: T = self.values.get(key, default)
        return found

    def get(self, key: str) -> Any:
        """The value of a key, or None where it is not set or is invalid."""
        return self.values.get(key)

    def items(self, key: str) -> tuple[Item, ...]:
        """The entries of a list, or none where it is not set or is invalid."""
        return self.value(key, ())


@dataclass(frozen=True, slots=True)
class MappingOf:
    """A mapping of known keys; decodes to a `Section`.

    `misplaced` are keys that mean nothing here because they belong to the mapping `home`.
    `refused` is the JSON Schema of keys that are not valid together.
    """

    fields: tuple[Field, ...]
    expected: str = "a mapping"
    misplaced: tuple[str, ...] = ()
    home: str = ""
    refused: Schema | None = None

    def decode(self, node: Node, at: str, context: Context) -> Any:
        if not isinstance(node, MappingNode):
            if not (isinstance(node, ScalarNode) and node.invalid):
                report_type(node, at, self.expected, context)
            return INVALID
        section = Section(node.place)
        known = {field.key: field for field in self.fields}
        for key, value in node.entries:
            path = f"{at}.{key.text}" if at else key.text
            if key.text in self.misplaced:
                message = f"{path}: this limits connections, and all routes share them"
                context.findings.add(key.place, "E206", message, f"write it under {self.home}")
                continue
            if key.text not in known:
                self._report_unknown(key, at, context)
                continue
            section.key_places[key.text] = key.place
            section.value_places[key.text] = value.place
            decoded = known[key.text].type.decode(value, path, context)
            if decoded is not INVALID:
                section.values[key.text] = decoded
        for field in self.fields:
            if field.required and not {field.key, field.unless} & section.key_places.keys():
                message = f"{_prefix(at)}the key {field.key} is missing"
                context.findings.add(node.place, "E202", message, f"add {field.key}: {field.default}")
        return section

    def _report_unknown(self, key: ScalarNode, at: str, context: Context) -> None:
        names = tuple(field.key for field in self.fields)
        meant = meant_key(key.text[:MAX_KEY], names, context.homes)
        question, hint = "", f"the keys here are {', '.join(names)}"
        if meant.partition(":")[0] in (*names, *context.homes):
            word = meant.partition(":")[0]
            question = f", is it {word}?" if word != key.text else ""
            home = "" if word in names else _under(context.homes[word])
            hint = f"write {meant if ':' in meant else f'{meant}:'}{home}"
        elif meant:
            hint = meant
        context.findings.add(key.place, "E201", f"{_prefix(at)}unknown key {quote(key.text)}{question}", hint)

    def schema(self) -> Schema:
        required = [field.key for field in self.fields if field.required and not field.unless]
        choices = [[field.key, field.unless] for field in self.fields if field.required and field.unless]
        properties = {
            field.key: {**field.type.schema(), "description": field.description()} for field in self.fields
        }
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": properties,
            **({"required": required} if required else {}),
            **({"allOf": [_any_of(keys) for keys in choices]} if choices else {}),
            **({"not": self.refused} if self.refused else {}),
        }


def _any_of(keys: list[str]) -> Schema:
    return {"anyOf": [{"required": [key]} for key in keys]}


def _prefix(at: str) -> str:
    return f"{at}: " if at else ""


def _under(home: str) -> str:
    return f" under {home}" if home else " at the top level"


@dataclass(frozen=True, slots=True)
class OrOff:
    """`off`, which decodes to that word, or a value of `type`.

    If `mapping` is given, it decodes mappings and `type` decodes the rest.
    """

    type: Type
    mapping: MappingOf | None = None

    @property
    def expected(self) -> str:
        return f"{self.type.expected}{', a mapping' if self.mapping else ''}, or `off`"

    def decode(self, node: Node, at: str, context: Context) -> Any:
        if isinstance(node, ScalarNode) and node.text == "off":
            return "off"
        if isinstance(node, ScalarNode) and not node.invalid and isinstance(self.type, MappingOf):
            report_type(node, at, self.expected, context)
            return INVALID
        chosen = self.mapping if self.mapping and isinstance(node, MappingNode) else self.type
        return chosen.decode(node, at, context)

    def schema(self) -> Schema:
        others = [self.type, *([self.mapping] if self.mapping else [])]
        return {"anyOf": [{"enum": ["off", *YAML_OFF]}, *(each.schema() for each in others)]}


@dataclass(frozen=True, slots=True)
class ScalarOr:
    """A value of `type`, or a mapping."""

    type: Type
    mapping: MappingOf

    @property
    def expected(self) -> str:
        return f"{self.type.expected}, or {self.mapping.expected}"

    def decode(self, node: Node, at: str, context: Context) -> Any:
        chosen: Type = self.mapping if isinstance(node, MappingNode) else self.type
        return chosen.decode(node, at, context)

    def schema(self) -> Schema:
        return {"anyOf": [self.type.schema(), self.mapping.schema()]}


@dataclass(frozen=True, slots=True)
class RouteList:
    """A list of mappings; decodes to a list of `Section`."""

    element: MappingOf
    expected: str = "a list of routes"

    def decode(self, node: Node, at: str, context: Context) -> Any:
        if not isinstance(node, SequenceNode):
            report_type(node, at, self.expected, context, "begin each route with - path:")
            return INVALID
        decoded = [
            self.element.decode(entry, entry_path(node, at, i), context) for i, entry in enumerate(node.items)
        ]
        return [section for section in decoded if section is not INVALID]

    def schema(self) -> Schema:
        return {"type": "array", "items": self.element.schema()}


def nested_mappings(outer: MappingOf, at: str = "") -> Iterator[tuple[str, MappingOf]]:
    """The mappings below a mapping, each once, with their names: `cors`, `a route`, `server.tls`."""
    for field in outer.fields:
        inner = mapping_of(field.type)
        if inner is None or (at and field.key in ("cors", "always")):
            continue  # it has the keys of the `cors` at the top level, and of `never`
        name = "a route" if field.key == "routes" else f"{at}.{field.key}" if at else field.key
        yield name, inner
        yield from nested_mappings(inner, name)


def mapping_of(type: Type) -> MappingOf | None:
    """The mapping that a type accepts, or None."""
    if isinstance(type, OrOff):
        return mapping_of(type.mapping or type.type)
    if isinstance(type, ScalarOr):
        return type.mapping
    if isinstance(type, RouteList):
        return type.element
    return type if isinstance(type, MappingOf) else None


def key_homes(policy: MappingOf) -> dict[str, str]:
    """The name of the mapping that each key belongs to; "" is the top level."""
    homes = dict.fromkeys((field.key for field in policy.fields), "")
    nested = nested_mappings(policy)
    last = ("a route", "assert")  # their keys have the names of others
    for name, mapping in sorted(nested, key=lambda item: [item[0].startswith(outer) for outer in last[::-1]]):
        for field in mapping.fields:
            homes.setdefault(field.key, name)
    return homes
