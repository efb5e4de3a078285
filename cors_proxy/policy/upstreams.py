"""The type of `upstream`: one API, or a list of the places where the same API runs."""

from typing import Any

from ..cors.place import Place
from . import schema_patterns
from .addresses import parse_upstream
from .model import Endpoint, Upstream
from .nodes import Node
from .problems import quote
from .types import INVALID, Context, Item, ListOf, Scalar, Schema

_EXPECTED = "an upstream such as http://api:3000, https://api.internal/v1 or unix:/run/api.sock"
_ENTRIES = ListOf(
    Scalar(parse_upstream, _EXPECTED, schema_patterns.UPSTREAM),
    f"{_EXPECTED}, or a list of them",
    empty="would leave no API to ask",
)


class UpstreamList:
    """Decodes to one `Upstream`, with an endpoint for each entry."""

    expected = _ENTRIES.expected

    def decode(self, node: Node, at: str, context: Context) -> Any:
        items: Any = _ENTRIES.decode(node, at, context)
        if items is INVALID:
            return INVALID
        first: Item = items[0]
        endpoints: dict[Endpoint, Place] = {}
        for item in items:
            upstream: Upstream = item.value
            for what, wanted, found in (
                ("scheme", _scheme(first.value), _scheme(upstream)),
                ("base path", first.value.base.decode("ascii") or "/", upstream.base.decode("ascii") or "/"),
            ):
                if wanted != found:
                    context.findings.add(
                        item.place,
                        "E207",
                        f"{at}: the {what} {quote(found)} differs from {quote(wanted)} of the first entry:"
                        " all entries are the same API",
                        "write the same in all entries, or use a route of its own for the other API",
                    )
            place = endpoints.setdefault(upstream.endpoints[0], item.place)
            if place != item.place:
                context.findings.add(
                    item.place, "W207", f"{at}: {upstream} is listed twice, first at {place}", "remove it"
                )
        return Upstream(tuple(endpoints), first.value.tls, first.value.base)

    def schema(self) -> Schema:
        return _ENTRIES.schema()


def _scheme(upstream: Upstream) -> str:
    return upstream.urls[0].partition(":")[0]
