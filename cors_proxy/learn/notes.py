"""What a person has to know about the records that a proposal comes from."""

from .comment import times
from .evidence import Evidence


def notes(evidence: Evidence) -> list[str]:
    found = [
        "Browsers keep the answers to preflights. A method or header whose preflights were all answered"
        " before is not seen: a longer log may show more.",
        "A request without Origin is not CORS, and tells nothing about origins"
        f" ({times(evidence.without_origin)}).",
    ]
    for count, text in (
        (evidence.own, "Requests of the API's own pages need no grant"),
        (evidence.absent, "Answers of 404, 405, 410 and 5xx were not counted: they do not make a route"),
        (evidence.malformed_origins, "Origins that no browser sends were not counted"),
        (evidence.odd_paths, "Paths that the proxy refuses as ambiguous were not counted"),
        (evidence.beyond_bounds, "Requests beyond the bounds of memory were not counted"),
    ):
        if count:
            found.append(f"{text} ({times(count)}).")
    return found
