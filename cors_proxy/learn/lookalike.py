"""Origins that an API with a careless check grants: `https://evilexample.com` beside example.com.

The API granted them, so they look proven.  A person has to confirm them.
"""

from collections.abc import Iterable

from ..cors.hosts import split_port
from ..policy.suffixes import registrable_domain


def host_of(origin: str) -> str:
    return split_port(origin.partition("://")[2].encode("ascii", "replace"))[0].decode("ascii").rstrip(".")


def imitations(origins: Iterable[str]) -> set[str]:
    """Those that hold the registrable domain of another one, and belong to somebody else."""
    domains = {origin: registrable_domain(host_of(origin)) for origin in origins}
    known = set(domains.values()) - {""}
    # For checks without a dot in front (`endswith`), or with an unescaped one (a regular
    # expression): the domains with any character for their dots, by the places of those.
    masked: dict[tuple[int, tuple[int, ...]], dict[str, str]] = {}
    for domain in known:
        dots = tuple(at for at, character in enumerate(domain) if character == ".")
        masked.setdefault((len(domain), dots), {})[_mask(domain, dots)] = domain
    return {
        origin
        for origin, domain in domains.items()
        if (_inner(host_of(origin)) & known) - {domain}
        or any(
            found.get(_mask(host_of(origin)[-length:], dots), domain) != domain
            for (length, dots), found in masked.items()
        )
    }


def _mask(text: str, dots: tuple[int, ...]) -> str:
    characters = list(text)
    for at in dots:
        if at < len(characters):
            characters[at] = "."
    return "".join(characters)


def _inner(host: str) -> set[str]:
    """All runs of its labels that do not reach its end."""
    labels = host.split(".")[:12]
    return (
        {".".join(labels[first:last]) for last in range(1, len(labels)) for first in range(last)}
        if len(labels) > 1
        else set()
    )
