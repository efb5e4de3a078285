"""Lists of origins: exact ones, patterns, `null`, `"*"`, `{file: …}`, `{env: …}` and `{url: …}`.

Each entry has its own place, also in a file.  Hints show the form that browsers send.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..cors.pattern import PatternError, parse_pattern
from ..cors.place import Place
from ..cors.spec import FeedRule, OriginRule
from . import schema_patterns
from .files import decode_utf8, read_file, reason
from .nodes import MappingNode, Node, ScalarNode, SequenceNode
from .origin_feeds import decode_feed
from .origin_hints import origin_hint
from .problems import PolicyProblems, quote
from .scalars import join_choices, nearest
from .types import (
    FEED_SCHEMA,
    INVALID,
    VARIABLE,
    Context,
    Schema,
    describe,
    entry_path,
    list_schema,
    report_empty,
    report_type,
)

STAR, NULL = "*", "null"
SOURCES = ("file", "env", "url")  # the mappings that stand for origins; only `url` has more keys
_LEAVE_OUT = "remove the entry"
_VARIABLE = "A variable of the environment with origins or patterns, with commas or white space between."


@dataclass(frozen=True, slots=True)
class OriginList:
    """A list of origins, or one origin; decodes to a tuple of `OriginRule` and `FeedRule`.

    `star`, `patterns` and `sources` say what is accepted beside exact origins (`patterns` includes
    `null`, `sources` are the mappings), `https` that nothing else than https is.  If `empty` is
    given, an empty list is an error, and `empty` says what it would do.
    """

    expected: str
    star: bool = False
    patterns: bool = True
    sources: bool = False
    https: bool = False
    empty: str = ""

    def decode(self, node: Node, at: str, context: Context) -> Any:
        nodes = node.items if isinstance(node, SequenceNode) else [node]
        entries = [self._entry(entry, entry_path(node, at, i), context) for i, entry in enumerate(nodes)]
        rules = tuple(rule for entry in entries if entry is not None for rule in entry)
        if rules or (not self.empty and None not in entries):
            return rules
        if None not in entries:
            report_empty(node, at, self.empty, context)
        return INVALID

    def _entry(self, node: Node, at: str, context: Context) -> Sequence[OriginRule | FeedRule] | None:
        """The rules of one entry; None where it has a problem."""
        if isinstance(node, MappingNode) and self.sources:
            return self._source(node, at, context)
        if isinstance(node, ScalarNode) and node.invalid:
            return None
        if not isinstance(node, ScalarNode) or node.is_missing:
            report_type(node, at, self.expected, context)
            return None
        rule = self._rule(node.text, node.place, at, context)
        return [rule] if rule else None

    def _rule(self, text: str, place: Place, at: str, context: Context) -> OriginRule | None:
        findings = context.findings
        if text == STAR and not self.star:
            alternative = "origins and patterns" if self.patterns else "an exact origin"
            findings.add(place, "E303", f'{at}: "*" is not allowed here: expected {alternative}')
            return None
        if text == NULL and not self.patterns:
            findings.add(place, "E303", f"{at}: null is not allowed here: expected an exact origin")
            return None
        try:
            pattern = parse_pattern(text)
        except PatternError as error:
            code = "E302" if STAR in text else "E301"
            findings.add(place, code, f"{at}: {quote(text)}: {error.message}", origin_hint(text))
            return None
        if STAR in text and text != STAR and not self.patterns:
            message = f"{at}: {quote(text)} is a pattern: expected an exact origin"
            findings.add(place, "E303", message, "name each origin")
            return None
        if self.https and not text.startswith("https://"):
            message = f"{at}: {quote(text)}: a publisher must be an https origin"
            findings.add(place, "E301", message, f"write https://{text.partition('://')[2]}")
            return None
        return OriginRule(pattern, place)

    def _source(self, node: MappingNode, at: str, context: Context) -> Sequence[OriginRule | FeedRule] | None:
        keys = {key.text for key, _ in node.entries}
        if "url" in keys:
            rule = decode_feed(node, at, context)
            return None if rule is None else [rule]
        if "env" in keys:
            return self._variable(node, at, context)
        return self._file(node, at, context)

    def _variable(self, node: MappingNode, at: str, context: Context) -> list[OriginRule] | None:
        """The origins in a variable, with commas or white space between them."""
        name = _only_value(node, at, "env", "the name of a variable", "ALLOWED_ORIGINS", context)
        if name is None:
            return None
        value = context.environ.get(name.text)
        if value is None:
            message = f"{at}.env: the variable {quote(name.text)} is not set"
            context.findings.add(name.place, "E108", message, f"set it to a list of origins, or {_LEAVE_OUT}")
            return None
        entries = [text for text in re.split(r"[,\s]+", value) if text]
        rules = [self._rule(text, name.place, f"{at} ({name.text})", context) for text in entries]
        return None if None in rules else [rule for rule in rules if rule]

    def _file(self, node: MappingNode, at: str, context: Context) -> list[OriginRule] | None:
        path = _only_value(node, at, "file", "the path of a file", "origins.txt", context)
        if path is None:
            return None
        name = os.path.join(context.folder, path.text)
        if name not in context.origin_files:
            context.origin_files[name] = self._read(name, path, at, context)
        entries = context.origin_files[name]
        if entries is None:
            return None
        rules = [self._rule(text, place, f"{at} ({path.text})", context) for text, place in entries]
        return None if None in rules else [rule for rule in rules if rule]

    def _read(self, name: str, path: ScalarNode, at: str, context: Context) -> list[tuple[str, Place]] | None:
        """The entries of a file, one per line; None where it cannot be read.

        Blank lines and lines that begin with `#` are ignored.
        """
        context.files.append(name)
        try:
            lines = decode_utf8(read_file(name), name).split("\n")
        except (OSError, ValueError) as error:
            message = f"{at}.file: cannot read {quote(path.text)}: {reason(error)}"
            context.findings.add(path.place, "E305", message, f"the full path is {quote(name, 200)}")
            return None
        except PolicyProblems as error:
            for problem in error.problems:
                context.findings.add(problem.place, problem.code, problem.message, problem.hint)
            return None
        entries = [(line.removesuffix("\r"), number) for number, line in enumerate(lines, 1)]
        return [
            (text, Place(name, number, 1))
            for text, number in entries
            if text.strip() and not text.startswith("#")
        ]

    def schema(self) -> Schema:
        # A YAML 1.1 parser, as editors have it, turns an unquoted null into null.
        element: Schema = schema_patterns.origin(self.star, self.patterns, self.https)
        element = {"anyOf": [element, VARIABLE, *([{"type": "null"}] if self.patterns else [])]}
        if self.sources:
            description = "A file with one origin or pattern per line, relative to the policy."
            element["anyOf"] += [
                _schema_of("file", {"type": "string", "description": description}),
                _schema_of("env", {**schema_patterns.VARIABLE_NAME, "description": _VARIABLE}),
                FEED_SCHEMA,
            ]
        return list_schema(element, self.empty)


def _only_value(
    node: MappingNode, at: str, wanted: str, expected: str, example: str, context: Context
) -> ScalarNode | None:
    """The value of the only key of a mapping; None where there is a problem."""
    findings = context.findings
    found: ScalarNode | None = None
    for key, value in node.entries:
        if key.text != wanted:
            meant = nearest(key.text, SOURCES)
            hint = f"write {meant}:" if meant else f"the keys here are {join_choices(SOURCES)}"
            findings.add(key.place, "E201", f"{at}: unknown key {quote(key.text)}", hint)
        elif isinstance(value, ScalarNode) and not value.is_missing:
            found = value
        else:
            message = f"{at}.{wanted}: expected {expected}, got {describe(value)}"
            findings.add(value.place, "E203", message)
    if not node.entries:
        findings.add(node.place, "E202", f"{at}: the key {wanted} is missing", f"add {wanted}: {example}")
    if found is None or found.invalid:
        return None
    if not found.text.isprintable() or not found.text:
        findings.add(found.place, "E204", f"{at}.{wanted}: expected {expected}, got {quote(found.text)}")
        return None
    return found


def _schema_of(key: str, value: Schema) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [key],
        "properties": {key: value},
    }
