"""Public suffixes (publicsuffix.org): names below which anybody can register a name.

The list is loaded only when a policy has a wildcard, and only the rules of one top-level domain are
parsed: all of them take 35 ms of each start.
"""

from collections import defaultdict
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from ..cors.pattern import Pattern

# Top-level domains that are kept: the admin page also asks about names that are not in the policy.
_DOMAINS: Final = 64


@cache
def _rules() -> dict[bytes, list[bytes]]:
    """The rules of the list by their last label, which is in Unicode."""
    from publicsuffixlist import PSLFILE

    rules: dict[bytes, list[bytes]] = defaultdict(list)
    for line in Path(PSLFILE).read_bytes().splitlines():
        if line and not line.startswith(b"//"):
            # publicsuffix.org/list: a rule ends at the first white space.
            rules[line.split()[0].rpartition(b".")[2]].append(line)
    return rules


@lru_cache(maxsize=_DOMAINS)
def _load_list(domain: str) -> Any:
    """The suffixes in a top-level domain."""
    from publicsuffixlist import PublicSuffixList

    try:
        label = (domain.encode("ascii").decode("idna") if domain.isascii() else domain).encode("utf-8")
    except UnicodeError:  # no rule has such a label
        label = b""
    # Only listed suffixes: nobody registers names below `localhost`, `test` or `internal`.
    return PublicSuffixList(_rules().get(label, []), accept_unknown=False)


def _list_for(name: str) -> Any:
    return _load_list(name.rstrip(".").rpartition(".")[2].lower())


@cache
def _load_registries() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False, only_icann=True)


def unload() -> None:
    """Free the list, which takes half a megabyte and is needed only while a policy is read."""
    _rules.cache_clear()
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
    return bool(_list_for(name).publicsuffix(name.rstrip(".")) == name.rstrip("."))


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
    suffixes = _list_for(name)
    found: str = suffixes.privatesuffix(name) or ""
    if found or suffixes.publicsuffix(name):
        return found
    labels = name.split(".")
    address = labels[-1].isdigit() or ":" in name
    return ".".join(labels[-2:]) if len(labels) > 1 and not address else ""
