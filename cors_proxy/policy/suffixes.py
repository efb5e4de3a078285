"""Public suffixes (publicsuffix.org): names below which anybody can register a name.

The list is loaded only when a policy has a wildcard.
"""

from functools import cache
from typing import Any

from ..cors.pattern import Pattern


@cache
def _load_list() -> Any:
    from publicsuffixlist import PublicSuffixList

    # Only listed suffixes: nobody registers names below `localhost`, `test` or `internal`.
    return PublicSuffixList(accept_unknown=False)


@cache
def _load_registries() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False, only_icann=True)


def unload() -> None:
    """Free the list, which takes half a megabyte and is needed only while a policy is read."""
    _load_list.cache_clear()
    _load_registries.cache_clear()


def wildcard_public_suffix(pattern: Pattern) -> str:
    """The public suffix below a wildcard, or "": `co.uk` for `https://*.co.uk`."""
    if pattern.kind not in ("subdomains", "part"):
        return ""
    base = pattern.host.decode("ascii").rstrip(".")
    # The library reads a rule such as `*.ck` as `ck` too, so that `https://*.ck` is found.
    return base if is_public_suffix(base) else ""


def is_public_suffix(name: str) -> bool:
    """Whether anybody can register a name below this one: `co.uk`, `github.io`."""
    return bool(_load_list().publicsuffix(name.rstrip(".")) == name.rstrip("."))


def is_registry(suffix: str) -> bool:
    """Whether a registry sells names there, as under `co.uk`; else a platform hands them out.

    A customer of a platform such as `vercel.app` has one name, and usually nothing below it.
    """
    return bool(_load_registries().publicsuffix(suffix) == suffix)


def registrable_domain(name: str) -> str:
    """A host's public suffix and one more label, or "" where it has none.

    Hosts with one registrable domain are one site (HTML, same site).  The last label of a name that
    the list does not have counts as its suffix (publicsuffix.org/list: "the prevailing rule is *").
    """
    suffixes = _load_list()
    found: str = suffixes.privatesuffix(name) or ""
    if found or suffixes.publicsuffix(name):
        return found
    labels = name.split(".")
    address = labels[-1].isdigit() or ":" in name
    return ".".join(labels[-2:]) if len(labels) > 1 and not address else ""
