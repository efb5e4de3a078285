"""The operations of an OpenAPI file: templates of paths, methods, request headers.

It says nothing about origins.  It tells which segments are values, and what the probe can ask.
OpenAPI 3 and Swagger 2 differ in where the base path stands (`servers`, `basePath`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from ..cors.names import METHODS, is_token
from ..policy.nodes import MappingNode, Node, ScalarNode, SequenceNode, compose
from .paths import STAR, Template, template

MAX_OPERATIONS: Final = 5_000
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")


@dataclass(frozen=True, slots=True)
class Operation:
    parts: Template
    method: str
    headers: tuple[str, ...] = ()  # that pages set; in lower case


def read_openapi(text: str, name: str) -> list[Operation]:
    """Raises `PolicyProblems` where the text is no YAML, ValueError where it is no OpenAPI."""
    root, _ = compose(text, name)
    paths = _get(root, "paths")
    if not isinstance(paths, MappingNode):
        raise ValueError("not an OpenAPI file: it has no paths")
    found = []
    for path, item in paths.entries:
        for operation in _operations(root, _base(root) + path.text, item):
            found.append(operation)
            if len(found) > MAX_OPERATIONS:
                raise ValueError(f"more than {MAX_OPERATIONS} operations")
    return found


def _operations(root: MappingNode, path: str, item: Node) -> Iterator[Operation]:
    # Each parameter becomes a number, so that it is a value.
    parts = template("/".join("0" if "{" in part else part for part in path.split("/")))
    if parts is None or not isinstance(item, MappingNode):
        return
    for key, operation in item.entries:
        method = key.text.upper()
        if method in METHODS and method != "OPTIONS" and isinstance(operation, MappingNode):
            yield Operation(parts, method, tuple(sorted(_headers(root, item, operation))))


def _base(root: MappingNode) -> str:
    """The path of the first server.  One with variables has none that could be known."""
    servers, base = _get(root, "servers"), _text(_get(root, "basePath"))
    if isinstance(servers, SequenceNode) and servers.items:
        url = _text(_get(servers.items[0], "url"))
        base = "" if "{" in url else urlsplit(url).path
    return base.rstrip("/")


def _headers(root: MappingNode, item: MappingNode, operation: MappingNode) -> set[str]:
    names = set()
    for owner in (item, operation):
        for each in _items(_get(owner, "parameters")):
            parameter = _resolve(root, each)
            if _text(_get(parameter, "in")) == "header":
                names.add(_text(_get(parameter, "name")))
    for scheme in _schemes(root, operation):
        if _text(_get(scheme, "type")) in ("http", "oauth2", "openIdConnect", "basic"):
            names.add("Authorization")
        elif _text(_get(scheme, "in")) == "header":
            names.add(_text(_get(scheme, "name")))
    content = _get(_resolve(root, _get(operation, "requestBody")), "content")
    consumed = [each.text for each in _items(_get(operation, "consumes")) if isinstance(each, ScalarNode)]
    types = [key.text for key, _ in content.entries] if isinstance(content, MappingNode) else consumed
    if any(each not in _FORMS for each in types):
        names.add("Content-Type")
    return {name.lower() for name in names if is_token(name.encode("utf-8", "replace"))}


def _schemes(root: MappingNode, operation: MappingNode) -> Iterator[Node | None]:
    """What the operation, or else the whole API, is secured by."""
    required = _get(operation, "security") or _get(root, "security")
    defined = _get(_get(root, "components"), "securitySchemes") or _get(root, "securityDefinitions")
    for each in _items(required):
        if isinstance(each, MappingNode):
            for key, _ in each.entries:
                yield _get(defined, key.text)


def _resolve(root: MappingNode, node: Node | None) -> Node | None:
    """One step of `$ref: "#/…"` within the file."""
    reference = _text(_get(node, "$ref"))
    if not reference.startswith("#/"):
        return node
    found: Node | None = root
    for key in reference[2:].split("/"):
        found = _get(found, key.replace("~1", "/").replace("~0", "~"))
    return found


def _get(node: Node | None, key: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value for name, value in node.entries if name.text == key), None)


def _items(node: Node | None) -> list[Node]:
    return node.items if isinstance(node, SequenceNode) else []


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""


class Templates:
    """The documented templates, to find that of a path: words come before values."""

    def __init__(self, found: Sequence[Operation]) -> None:
        self._by_length: dict[int, set[Template]] = {}
        for each in found:
            self._by_length.setdefault(len(each.parts), set()).add(each.parts)
        self.find: Callable[[str], Template | None] = lru_cache(4096)(self._find)

    def _find(self, path: str) -> Template | None:
        segments = path.rstrip("/")[1:].split("/")
        known = [
            parts
            for parts in self._by_length.get(len(segments), ())
            if all(ours in (STAR, theirs) for ours, theirs in zip(parts, segments, strict=True))
        ]
        return min(known, key=lambda parts: [part == STAR for part in parts], default=None)
