"""Endpoints that are one route: many words at one place of a path are values (slugs) too."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from ..cors.hosts import split_port
from .paths import STAR, Template
from .tally import Endpoint

SLUGS: Final = 20  # more different words than this at one place are values
_POPULAR: Final = 3  # children with one shape; a rarer shape is that of a resource


@dataclass(slots=True)
class Group:
    """A template, and the endpoints that it stands for."""

    host: str
    parts: Template
    members: list[Endpoint]


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"] = field(default_factory=dict)
    members: list[Endpoint] = field(default_factory=list)

    def at(self, segment: str) -> "_Node":
        return self.children.setdefault(segment, _Node())

    def shape(self) -> frozenset[Template]:
        """Where below this node the API granted anything."""
        return frozenset(
            parts for parts, node in self.walk(()) if any(member.granted for member in node.members)
        )

    def documented(self) -> bool:
        return any(member.documented for _, node in self.walk(()) for member in node.members)

    def walk(self, parts: Template) -> Iterator[tuple[Template, "_Node"]]:
        yield parts, self
        for segment, child in self.children.items():
            yield from child.walk((*parts, segment))

    def join(self, other: "_Node") -> None:
        self.members += other.members
        for segment, child in other.children.items():
            self.at(segment).join(child)


def cluster(endpoints: Iterable[Endpoint]) -> list[Group]:
    """A record without a host belongs to the only host, where there is one."""
    found = list(endpoints)
    hosts = {_host(each) for each in found if each.granted} - {""}
    only = next(iter(hosts)) if len(hosts) == 1 else ""
    trees: dict[str, _Node] = {}
    for each in found:
        node = trees.setdefault(_host(each) or only, _Node())
        for segment in each.parts:
            node = node.at(segment)
        node.members.append(each)
    groups = []
    for host, tree in trees.items():
        _merge(tree)
        groups += [Group(host, parts, node.members) for parts, node in tree.walk(()) if node.members]
    return groups


def _host(endpoint: Endpoint) -> str:
    name, port = split_port(endpoint.host.encode("utf-8", "replace"))
    return (name if port in (b"80", b"443") else endpoint.host.encode("utf-8", "replace")).decode("utf-8")


def _merge(node: _Node) -> None:
    for child in node.children.values():
        _merge(child)
    shapes = {word: child.shape() for word, child in node.children.items() if word != STAR}
    alive = {word: shape for word, shape in shapes.items() if shape and not node.children[word].documented()}
    if len(alive) <= SLUGS:
        return
    popular = [shape for shape, count in Counter(alive.values()).items() if count >= _POPULAR]
    known: frozenset[Template] = frozenset().union(*popular)
    words = [word for word, shape in alive.items() if shape <= known]
    refusing = _refusing([(word, node.children[word]) for word in words])
    words = [word for word in words if word not in refusing]
    if len(words) > SLUGS:
        star = node.at(STAR)
        for word in words:
            star.join(node.children.pop(word))


def _refusing(children: list[tuple[str, _Node]]) -> set[str]:
    """Those where the API refused an origin that it granted at the same place of another one."""
    granted: dict[Template, set[str]] = {}
    for _, child in children:
        for parts, node in child.walk(()):
            for member in node.members:
                granted.setdefault(parts, set()).update(member.origins())
    return {
        word
        for word, child in children
        for parts, node in child.walk(())
        for member in node.members
        if granted.get(parts, set()) & (member.refused.keys() - member.origins())
    }
