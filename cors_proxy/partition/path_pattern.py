"""A path pattern that is no route's: whether it matches a path, in which reading.

The product's own router matches it."""

from ..cors.path import spell
from ..cors.place import Place
from ..cors.router import Router
from ..cors.spec import RouteSpec


class PathPattern:
    """Raises `RoutePathError` where `text` is no path of a route."""

    __slots__ = ("_router",)

    def __init__(self, text: str) -> None:
        self._router = Router([(RouteSpec(0, text, text, Place(text, 0, 0)), True)])

    def matches(self, path: bytes) -> bool:
        """By the path as spelled."""
        spelling = spell(path)
        return spelling is not None and self._router.find(spelling.spelled, b"", (None,)) is True

    def matches_somehow(self, path: bytes) -> bool:
        """In one of the readings."""
        spelling = spell(path)
        router = self._router
        return spelling is not None and (
            router.find(spelling.spelled, b"", (None,)) is True
            or router.find_decoded(spelling.decoded, b"", (None,)) is True
            or router.find_folded(spelling.folded, b"", (None,)) is True
        )
