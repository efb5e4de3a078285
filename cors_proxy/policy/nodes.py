"""YAML text to nodes of our own: scalars stay the text that they are, every node knows its place.

Built from parser events, not by a loader: depth and count are bounded before anything is built, aliases share one node and are
measured as if they were written out, duplicate keys are seen, and no tag is ever resolved."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from ..cors.place import Place
from .problems import PolicyProblems, Problem, quote

LEAST = "the least policy: {version: 1, upstream: http://localhost:3000}"
MAX_BYTES = 8 << 20
MAX_STARS = 100  # unquoted stars that are read past
MAX_DEPTH = 32
MAX_NODES = 400_000  # as written out: an alias counts what it stands for
TAGS = {
    None,
    "!",
    *(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")),
}


@dataclass(slots=True)
class Scalar:
    text: str
    place: Place
    plain: bool = True  # False: quoted or a block, so an empty text is meant
    broken: bool = False  # it has no value, and that was said

    @property
    def nothing(self) -> bool:
        return self.plain and not self.text


@dataclass(slots=True)
class Sequence:
    items: list["Node"]
    place: Place
    size: int = 1


@dataclass(slots=True)
class Mapping:
    entries: list[tuple[Scalar, "Node"]]  # keys unique; those of `<<` last
    place: Place
    size: int = 1


Node = Scalar | Sequence | Mapping


def compose(text: str, name: str) -> tuple[Mapping, list[Problem]]:
    """The policy's mapping, and problems that leave it readable (duplicate keys).  Raises `PolicyProblems` where there is none to read."""
    if len(text) > MAX_BYTES:
        raise PolicyProblems(
            [Problem(Place(name, 1, 1), "E107", f"the policy is larger than {MAX_BYTES >> 20} MiB")]
        )
    stars: dict[Place, Problem] = {}
    while True:
        try:
            return _compose(text, name, stars)
        except _Star as star:
            # read on as if another character stood there, so that what else is wrong comes out too
            stars[star.problem.place] = star.problem
            text = text[: star.index] + "x" + text[star.index + 1 :]


class _Star(Exception):
    """An unquoted `*` that cannot even be an alias."""

    def __init__(self, index: int, problem: Problem) -> None:
        self.index = index
        self.problem = problem


def _compose(text: str, name: str, stars: dict[Place, Problem]) -> tuple[Mapping, list[Problem]]:
    composer = _Composer(name, stars)
    try:
        root = composer.document(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(name, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        bad = quote(text[error.position : error.position + 1])
        raise PolicyProblems(
            [
                *composer.problems,
                Problem(place, "E102", f"YAML does not allow the character {bad}", "remove it"),
            ]
        ) from None
    except (ValueError, OverflowError):
        # PyYAML: an escape beyond Unicode, a version of thousands of digits
        raise PolicyProblems(
            [
                *composer.problems,
                Problem(composer.last, "E103", "not YAML: an escape or a number that means nothing"),
            ]
        ) from None
    except yaml.MarkedYAMLError as error:
        problem = _syntax(error, text, name)
        if problem.code == "E104" and error.context_mark is not None and len(stars) < MAX_STARS:
            raise _Star(error.context_mark.index, problem) from None
        raise PolicyProblems([*composer.problems, problem]) from None
    if not isinstance(root, Mapping):
        empty = root is None or (isinstance(root, Scalar) and root.nothing)
        place = root.place if root else Place(name, 1, 1)
        message = "the policy is empty" if empty else "a policy is a mapping of keys to values"
        raise PolicyProblems([*composer.problems, Problem(place, "E105", message, LEAST)])
    return root, composer.problems


def decode_utf8(data: bytes, name: str) -> str:
    """The text of a file; a byte order mark is dropped.  Raises `PolicyProblems` with the place of the first bad byte."""
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        place = Place(name, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        raise PolicyProblems(
            [Problem(place, "E102", f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8")]
        ) from None


def _syntax(error: yaml.MarkedYAMLError, text: str, name: str) -> Problem:
    mark, context = error.problem_mark, error.context_mark
    if context is not None and "alias" in (error.context or ""):
        word = re.match(r"[^\s,\]}]*", text[context.index :])
        shown = word.group() if word else "*"
        return Problem(
            Place(name, context.line + 1, context.column + 1),
            "E104",
            "an unquoted * is a YAML alias",
            f'write "{shown}"',
        )
    place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name, 1, 1)
    hint = "indent with spaces: YAML takes no tabs" if "'\\t'" in (error.problem or "") else ""
    if mark and text[: mark.index].endswith("$"):
        hint = 'inside [ ] and { } a variable stands in quotes: write "${NAME}"'
    return Problem(place, "E103", f"not YAML: {error.problem or error.context or 'cannot be read'}", hint)


class _Composer:
    """One pass over the events of one document."""

    def __init__(self, name: str, stars: dict[Place, Problem]) -> None:
        self.name = name
        self.stars = stars
        self.last = Place(name, 1, 1)
        self.problems: list[Problem] = list(stars.values())
        self.anchors: dict[str, Node] = {}
        self.size = 0

    def document(self, events: Iterator[yaml.Event]) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refusal(
                        event, "E109", "a policy is one YAML document", "remove what follows `---`"
                    )
            elif isinstance(
                event, (yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent, yaml.AliasEvent)
            ):
                root = self._node(event, events, 0)
        return root

    def _place(self, event: yaml.Event) -> Place:
        assert event.start_mark is not None
        self.last = Place(self.name, event.start_mark.line + 1, event.start_mark.column + 1)
        return self.last

    def _refusal(self, event: yaml.Event, code: str, message: str, hint: str = "") -> PolicyProblems:
        return PolicyProblems([*self.problems, Problem(self._place(event), code, message, hint)])

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        place = self._place(event)
        if depth > MAX_DEPTH:
            raise self._refusal(event, "E107", f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        tag = getattr(event, "tag", None)
        if tag not in TAGS:
            self.problems.append(
                Problem(
                    place, "E109", f"a policy uses no YAML tags, and has {quote(str(tag))}", "remove the tag"
                )
            )
        self._grow(event, 1)
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(event.value, place, event.style is None, place in self.stars)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(events, place, depth)
        else:
            node = self._mapping(events, place, depth)
        if (anchor := getattr(event, "anchor", None)) is not None:
            self.anchors[anchor] = node
        return node

    def _grow(self, event: yaml.Event, size: int) -> None:
        self.size += size
        if self.size > MAX_NODES:
            raise self._refusal(
                event, "E107", f"the policy holds more than {MAX_NODES} values, aliases written out"
            )

    def _alias(self, event: yaml.AliasEvent) -> Node:
        node = self.anchors.get(str(event.anchor))
        if node is None:
            message = f"there is no anchor &{event.anchor} before this alias (an unquoted * is a YAML alias)"
            self.problems.append(Problem(self._place(event), "E104", message, f'write "*{event.anchor}"'))
            return Scalar("", self._place(event), broken=True)
        self._grow(event, 1 if isinstance(node, Scalar) else node.size)
        return node

    def _sequence(self, events: Iterator[yaml.Event], place: Place, depth: int) -> Sequence:
        start = self.size
        items: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, depth + 1))
        return Sequence(items, place, 1 + self.size - start)

    def _mapping(self, events: Iterator[yaml.Event], place: Place, depth: int) -> Mapping:
        start = self.size
        entries: dict[str, tuple[Scalar, Node]] = {}
        merged: list[Node] = []
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            at = self._place(event)
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key, Scalar):
                self.problems.append(Problem(at, "E109", "a key is a text, not a list or mapping"))
            elif key.plain and key.text == "<<":
                merged.append(value)
            elif key.text in entries:
                first = entries[key.text][0].place
                message = f"the key {quote(key.text)} stands twice, first in line {first.line}"
                self.problems.append(Problem(at, "E106", message, "keep one of the two"))
            else:
                entries[key.text] = (Scalar(key.text, at, key.plain), value)
        for value in merged:
            for source in value.items if isinstance(value, Sequence) else [value]:
                if not isinstance(source, Mapping):
                    self.problems.append(
                        Problem(source.place, "E109", "<< takes a mapping, or a list of mappings")
                    )
                    continue
                for key, inner in source.entries:
                    entries.setdefault(key.text, (key, inner))
        return Mapping(list(entries.values()), place, 1 + self.size - start)
