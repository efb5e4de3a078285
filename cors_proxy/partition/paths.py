"""Paths that stand for all: for each way in which the routes' patterns match a path, one path.

The product reads a path three times (`cors.path`): as spelled, decoded and folded.  So the walk
goes through three tries at once.  At each step it takes one segment for each combination of
patterns that a segment can match: a literal as it is written, the same decoded, the same folded,
and a segment that nothing names.  `site.match` then says which route gets the path."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final, NamedTuple

from ..cors.literals import PathWord
from ..cors.path import EMPTY_SEGMENTS, ENCODED_SLASHES, parse_route_path, spell
from ..cors.percent import UNRESERVED
from ..cors.spec import RouteSpec
from . import limits

_SLASH: Final = b"/"
_ENCODED_SLASH: Final = b"%2F"
AMBIGUOUS: Final = b"/.."  # 400 whatever the routes are


class PathClass(NamedTuple):
    """`routes` are those whose path matches `path` in one of its readings."""

    path: bytes
    routes: tuple[RouteSpec, ...]


class _Node:
    __slots__ = ("ends", "literals", "rests", "star")

    def __init__(self) -> None:
        self.literals: dict[bytes, _Node] = {}
        self.star: _Node | None = None
        self.ends: list[RouteSpec] = []
        self.rests: list[RouteSpec] = []  # of `**`

    def add(self, path: Iterable[bytes | None], rest: bool, route: RouteSpec) -> None:
        node = self
        for segment in path:
            if segment is None:
                node.star = node.star or _Node()
                node = node.star
            else:
                node = node.literals.setdefault(segment, _Node())
        (node.rests if rest else node.ends).append(route)


_Nodes = frozenset[_Node]
_NONE: Final[_Nodes] = frozenset()


class _State(NamedTuple):
    """What of the patterns may still match, before the next segment.

    `rests` are the nodes with a `**` that the walk has passed.  `joined`: an encoded slash is the
    last byte, so that the spelled reading is still inside a segment."""

    spelled: _Nodes
    decoded: _Nodes
    folded: _Nodes
    rests: _Nodes
    needs: frozenset[str]
    joined: bool
    first: bool

    @property
    def over(self) -> bool:
        return not (self.spelled or self.decoded or self.folded)


class _Segment(NamedTuple):
    raw: bytes
    spelled: bytes
    decoded: bytes
    folded: bytes


def path_classes(routes: Iterable[RouteSpec], opened: frozenset[PathWord]) -> Iterator[PathClass]:
    """`opened` are the words of `dangerously_allow` that some route has, also that of all other
    paths: what none has is 400 everywhere.

    Raises TooManyError."""
    routes = list(routes)
    spelled, decoded, folded = _Node(), _Node(), _Node()
    for route in routes:
        path = parse_route_path(route.path)
        folded.add(path.folded, path.rest, route)
        for trie, segments in ((spelled, path.spelled), (decoded, path.decoded)):
            trie.add(segments, path.rest, route)
            if not path.rest and segments[-1] != b"":
                trie.add((*segments, b""), False, route)  # one final slash
    roots = frozenset((spelled, decoded, folded))
    start = _State(
        frozenset((spelled,)),
        frozenset((decoded,)),
        frozenset((folded,)),
        _with_rest(roots),
        frozenset(),
        False,
        True,
    )
    yield PathClass(AMBIGUOUS, ())
    emitted: set[tuple[_Nodes, frozenset[str]]] = set()
    seen = {start}
    waiting = deque([(start, b"")])
    while waiting:
        state, prefix = waiting.popleft()
        for segment in _segments(state):
            leaves, needs = _end(state, segment)
            if (leaves, needs) not in emitted:
                emitted.add((leaves, needs))
                yield PathClass(prefix + _SLASH * (not state.joined) + segment.raw, _routes(leaves))
            for joint in (_SLASH, _ENCODED_SLASH):
                if joint == _ENCODED_SLASH and ENCODED_SLASHES not in opened:
                    continue
                if not segment.raw and EMPTY_SEGMENTS not in opened:
                    continue
                following = _follow(state, segment, joint)
                if following is not None and following not in seen:
                    if len(seen) > limits.PATHS:
                        raise limits.TooManyError(
                            f"more than {limits.PATHS} ways in which routes match a path"
                        )
                    seen.add(following)
                    joined = _ENCODED_SLASH if joint == _ENCODED_SLASH else b""
                    waiting.append((following, prefix + _SLASH * (not state.joined) + segment.raw + joined))


def _routes(leaves: _Nodes) -> tuple[RouteSpec, ...]:
    found = {id(route): route for node in leaves for route in (*node.ends, *node.rests)}
    return tuple(sorted(found.values(), key=lambda route: route.index))


def _with_rest(nodes: _Nodes) -> _Nodes:
    return frozenset(node for node in nodes if node.rests)


def _below(nodes: _Nodes, segment: bytes) -> _Nodes:
    found = [child for node in nodes if (child := node.literals.get(segment)) is not None]
    if segment:  # `*` is not an empty segment
        found += [node.star for node in nodes if node.star is not None]
    return frozenset(found)


def _inside(nodes: _Nodes) -> _Nodes:
    """Below a segment that holds an encoded slash: no literal is one."""
    return frozenset(node.star for node in nodes if node.star is not None)


def _follow(state: _State, segment: _Segment, joint: bytes) -> _State | None:
    """The state behind a segment that is not the last one; None where the path would be refused."""
    if segment.raw.startswith(b";"):
        return None  # an empty name in the middle
    needs = state.needs
    if not segment.raw:
        if EMPTY_SEGMENTS in needs and state.over:
            return None  # again the same
        needs |= {EMPTY_SEGMENTS}
    decoded, folded = _below(state.decoded, segment.decoded), _below(state.folded, segment.folded)
    if joint == _ENCODED_SLASH:
        if b";" in segment.raw:
            return None
        spelled, needs = state.spelled, needs | {ENCODED_SLASHES}
    else:
        spelled = _inside(state.spelled) if state.joined else _below(state.spelled, segment.spelled)
    rests = state.rests | _with_rest(decoded | folded)
    if joint != _ENCODED_SLASH:
        rests |= _with_rest(spelled)
    return _State(spelled, decoded, folded, rests, needs, joint == _ENCODED_SLASH, False)


def _end(state: _State, segment: _Segment) -> tuple[_Nodes, frozenset[str]]:
    """The nodes of all readings whose routes match a path that ends with this segment."""
    spelled = _inside(state.spelled) if state.joined else _below(state.spelled, segment.spelled)
    decoded = _below(state.decoded, segment.decoded)
    last = not segment.folded and not state.first
    folded = state.folded if last else _below(state.folded, segment.folded)
    ends = frozenset(node for node in spelled | decoded | folded if node.ends or node.rests)
    return ends | state.rests, state.needs


def _segments(state: _State) -> Iterator[_Segment]:
    """A segment for each combination of literals that it can be in the three readings."""
    spelled = {name for node in state.spelled for name in node.literals}
    decoded = {name for node in state.decoded for name in node.literals}
    folded = {name for node in state.folded for name in node.literals}
    yield _fresh(spelled | decoded | folded)
    for name in sorted(spelled - {b""}):
        yield _read(name)
    for name in sorted(decoded - {b""}):
        yield from _first(s for s in _decoded_as(name) if s.spelled not in spelled)
    for name in sorted(folded - {b""}):
        yield from _first(
            s for s in _folded_as(name) if s.decoded not in decoded and s.spelled not in spelled
        )
    yield _EMPTY
    yield _PARAMETER


def _fresh(taken: set[bytes]) -> _Segment:
    for number in count():
        name = b"x%d" % number if number else b"x"
        if name not in taken:
            return _read(name)
    raise AssertionError


def _first(found: Iterator[_Segment]) -> Iterator[_Segment]:
    for segment in found:
        yield segment
        return


def _read(raw: bytes) -> _Segment:
    found = _try(raw)
    assert found is not None, raw
    return found


def _try(raw: bytes) -> _Segment | None:
    """None where a path with this segment is refused."""
    spelling = spell(_SLASH + raw)
    if spelling is None or len(spelling.decoded) != 1:
        return None
    return _Segment(raw, spelling.spelled[0], spelling.decoded[0], spelling.folded[0])


def _encode(name: bytes) -> bytes:
    return b"".join(bytes((byte,)) if byte in UNRESERVED else b"%%%02X" % byte for byte in name)


def _decoded_as(name: bytes) -> Iterator[_Segment]:
    """Segments that decode to `name`, spelled in different ways."""
    odd = [at for at, byte in enumerate(name) if byte not in UNRESERVED]
    for kept in ((), odd, odd[:1], odd[1:], odd[-1:]):
        raw = b"".join(
            bytes((byte,)) if byte in UNRESERVED or at in kept else b"%%%02X" % byte
            for at, byte in enumerate(name)
        )
        found = _try(raw)
        if found is not None and found.decoded == name:
            yield found


def _folded_as(name: bytes) -> Iterator[_Segment]:
    """Segments that fold to `name`, and are spelled otherwise."""
    raw = _encode(name)
    upper = _encode(name.upper())
    for other in (upper, raw + b".", raw + b"%20", upper + b".", raw + b"..", raw + b";x", raw + b";y", raw):
        found = _try(other)
        if found is not None and found.folded == name:
            yield found


_EMPTY: Final = _Segment(b"", b"", b"", b"")
_PARAMETER: Final = _Segment(b";x", b";x", b";x", b"")  # a name that is empty once it is folded
