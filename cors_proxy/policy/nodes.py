"""YAML text to nodes: a scalar keeps its text, and every node has its place.

Nodes are made from PyYAML's parser events, not by one of its loaders.  So depth and number of
nodes are bounded before anything is built, an alias counts as everything that it repeats ("billion
laughs"), duplicate keys are found, and no tag is ever resolved (docs/decisions/0002).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from ..cors.place import Place
from .files import MAX_BYTES, place_of_offset
from .problems import PolicyProblems, Problem, quote

MINIMAL = "a minimal policy: {version: 1, upstream: http://localhost:3000}"
MAX_UNQUOTED_STARS = 100  # each takes another pass over the text
MAX_DEPTH = 32
MAX_NODES = 400_000  # an alias counts as all that it repeats
# Every key has its own type, so the tags of YAML's core types change nothing.
IGNORED_TAGS = {
    None,
    "!",
    *(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")),
}


@dataclass(slots=True)
class ScalarNode:
    """A value that is neither list nor mapping; `text` is what the file has, after unquoting."""

    text: str
    place: Place
    unquoted: bool = True  # an empty text in quotes or in a block is a value
    invalid: bool = False  # it has no usable value, and that problem is reported already

    @property
    def is_missing(self) -> bool:
        """Whether the key has no value at all: `key:`."""
        return self.unquoted and not self.text


@dataclass(slots=True)
class SequenceNode:
    """A list; `size` is its number of nodes, with aliases expanded."""

    items: list["Node"]
    place: Place
    size: int = 1


@dataclass(slots=True)
class MappingNode:
    """A mapping; `size` is its number of nodes, with aliases expanded."""

    entries: list[tuple[ScalarNode, "Node"]]  # unique keys; merged ones (`<<`) last
    place: Place
    size: int = 1


Node = ScalarNode | SequenceNode | MappingNode


def compose(text: str, name: str, options: Sequence[str] = ()) -> tuple[MappingNode, list[Problem]]:
    """The policy's mapping, and the problems that do not keep it from being read (duplicate keys).

    Raises `PolicyProblems` where the text has no mapping that can be read.  `name` is the file of
    all places; with `options`, those of the lines are their options.
    """
    if len(text) > MAX_BYTES:
        raise PolicyProblems(
            [Problem(Place(name, 1, 1), "E107", f"the policy is larger than {MAX_BYTES >> 20} MiB")]
        )
    stars: dict[Place, Problem] = {}
    while True:
        try:
            return _compose(text, name, stars, options)
        except _UnquotedStarError as star:
            # Parse again with another character in its place, to find the other problems too.
            stars[star.problem.place] = star.problem
            text = text[: star.index] + "x" + text[star.index + 1 :]


class _UnquotedStarError(Exception):
    """An unquoted `*` that is not even a valid alias, so that PyYAML stops there."""

    def __init__(self, index: int, problem: Problem) -> None:
        self.index = index
        self.problem = problem


def _compose(
    text: str, name: str, stars: dict[Place, Problem], options: Sequence[str]
) -> tuple[MappingNode, list[Problem]]:
    composer = _Composer(name, stars, options)
    try:
        root = composer.compose_document(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.reader.ReaderError as error:
        place = place_of_offset(text[: error.position], name)
        bad = quote(text[error.position : error.position + 1])
        raise PolicyProblems(
            [
                *composer.problems,
                Problem(place, "E102", f"YAML does not allow the character {bad}", "remove it"),
            ]
        ) from None
    except (ValueError, OverflowError):
        # PyYAML does not catch an escape beyond Unicode, or a %YAML version of 5000 digits.
        raise PolicyProblems(
            [
                *composer.problems,
                Problem(composer.last_place, "E103", "not YAML: an escape or a number that means is_missing"),
            ]
        ) from None
    except yaml.MarkedYAMLError as error:
        problem = _syntax_problem(error, text, name)
        if problem.code == "E104" and error.context_mark is not None and len(stars) < MAX_UNQUOTED_STARS:
            raise _UnquotedStarError(error.context_mark.index, problem) from None
        raise PolicyProblems([*composer.problems, problem]) from None
    if not isinstance(root, MappingNode):
        empty = root is None or (isinstance(root, ScalarNode) and root.is_missing)
        place = root.place if root else Place(name, 1, 1)
        message = "the policy is empty" if empty else "a policy must be a mapping of keys to values"
        raise PolicyProblems([*composer.problems, Problem(place, "E105", message, MINIMAL)])
    return root, composer.problems


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, name: str) -> Problem:
    mark, context = error.problem_mark, error.context_mark
    if context is not None and "alias" in (error.context or ""):
        alias = re.match(r"[^\s,\]}]*", text[context.index :])
        shown = alias.group() if alias else "*"
        return Problem(
            Place(name, context.line + 1, context.column + 1),
            "E104",
            "YAML reads an unquoted * as an alias",
            f'write "{shown}"',
        )
    place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name, 1, 1)
    hint = "indent with spaces: YAML does not allow tabs here" if "'\\t'" in (error.problem or "") else ""
    if mark and text[: mark.index].endswith("$"):
        hint = 'inside [ ] and { } quote a variable: write "${NAME}"'
    return Problem(
        place, "E103", f"not YAML: {error.problem or error.context or 'it cannot be parsed'}", hint
    )


class _Composer:
    """Makes nodes of the events of one document, in one pass."""

    def __init__(self, name: str, stars: dict[Place, Problem], options: Sequence[str]) -> None:
        self.name = name
        self.options = options
        self.stars = stars
        self.last_place = Place(name, 1, 1)
        self.problems: list[Problem] = list(stars.values())
        self.anchors: dict[str, Node] = {}
        self.count = 0

    def compose_document(self, events: Iterator[yaml.Event]) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refuse(
                        event,
                        "E109",
                        "a policy must be one YAML document",
                        "remove the second `---` and all below it",
                    )
            elif isinstance(
                event, (yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent, yaml.AliasEvent)
            ):
                root = self._node(event, events, 0)
        return root

    def _place(self, event: yaml.Event) -> Place:
        assert event.start_mark is not None
        line, column = event.start_mark.line, event.start_mark.column + 1
        if self.options:
            # The column tells entries of one option apart: a place has each problem once.
            self.last_place = Place(self.options[line], 0, line + 1)
        else:
            self.last_place = Place(self.name, line + 1, column)
        return self.last_place

    def _refuse(self, event: yaml.Event, code: str, message: str, hint: str = "") -> PolicyProblems:
        return PolicyProblems([*self.problems, Problem(self._place(event), code, message, hint)])

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        place = self._place(event)
        if depth > MAX_DEPTH:
            raise self._refuse(event, "E107", f"the policy is nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        tag = getattr(event, "tag", None)
        if tag not in IGNORED_TAGS:
            self.problems.append(
                Problem(
                    place,
                    "E109",
                    f"a policy uses no YAML tags, but this has {quote(str(tag))}",
                    "remove the tag",
                )
            )
        self._count(event, 1)
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = ScalarNode(event.value, place, event.style is None, place in self.stars)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(events, place, depth)
        else:
            node = self._mapping(events, place, depth)
        if (anchor := getattr(event, "anchor", None)) is not None:
            self.anchors[anchor] = node
        return node

    def _count(self, event: yaml.Event, size: int) -> None:
        self.count += size
        if self.count > MAX_NODES:
            raise self._refuse(
                event, "E107", f"the policy has more than {MAX_NODES} values, with its aliases expanded"
            )

    def _alias(self, event: yaml.AliasEvent) -> Node:
        node = self.anchors.get(str(event.anchor))
        if node is None:
            message = f"YAML reads an unquoted * as an alias, and no anchor &{event.anchor} comes before it"
            self.problems.append(Problem(self._place(event), "E104", message, f'write "*{event.anchor}"'))
            return ScalarNode("", self._place(event), invalid=True)
        self._count(event, 1 if isinstance(node, ScalarNode) else node.size)
        return node

    def _sequence(self, events: Iterator[yaml.Event], place: Place, depth: int) -> SequenceNode:
        start = self.count
        items: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, depth + 1))
        return SequenceNode(items, place, 1 + self.count - start)

    def _mapping(self, events: Iterator[yaml.Event], place: Place, depth: int) -> MappingNode:
        start = self.count
        entries: dict[str, tuple[ScalarNode, Node]] = {}
        merged: list[Node] = []
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            at = self._place(event)
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key, ScalarNode):
                self.problems.append(Problem(at, "E109", "a key must be text, not a list or mapping"))
            elif key.unquoted and key.text == "<<":
                merged.append(value)
            elif key.text in entries:
                first = entries[key.text][0].place
                message = f"the key {quote(key.text)} is here twice, first in line {first.line}"
                self.problems.append(Problem(at, "E106", message, "keep one of the two"))
            else:
                entries[key.text] = (ScalarNode(key.text, at, key.unquoted), value)
        for value in merged:
            for source in value.items if isinstance(value, SequenceNode) else [value]:
                if not isinstance(source, MappingNode):
                    self.problems.append(
                        Problem(source.place, "E109", "<< needs a mapping, or a list of mappings")
                    )
                    continue
                for key, inner in source.entries:
                    entries.setdefault(key.text, (key, inner))
        return MappingNode(list(entries.values()), place, 1 + self.count - start)
