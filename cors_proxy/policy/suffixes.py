"""Whether a wildcard spans a public suffix: names that anybody can register.  The list is loaded only when a policy has a wildcard."""

from functools import cache
from typing import Any

from .addresses import split_port


@cache
def _list() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(
        accept_unknown=False
    )  # only what is listed: `localhost`, `test`, `internal` are none


def forget() -> None:
    """The list is needed while a policy is read, and weighs half a megabyte."""
    _list.cache_clear()


def wildcard_base(text: str) -> str:
    """Where a pattern's star stands: above `example.com` in `https://*.example.com` and `https://pr-*.example.com`; "" without one."""
    name, _ = split_port(text.partition("://")[2])
    first, dot, base = name.partition(".")
    return base if dot and "*" in first else ""


def over_public_suffix(text: str) -> str:
    """The public suffix that a pattern's wildcard stands over (publicsuffix.org, listed rules only), or ""."""
    base = wildcard_base(text).rstrip(".")
    if not base:
        return ""
    below = f"a--0.{base}"  # nobody's name: only a rule such as *.ck makes it a suffix
    return base if _list().publicsuffix(base) == base or _list().publicsuffix(below) == below else ""


def registrable_domain(name: str) -> str:
    """The listed public suffix of a host's name and one label more; "" where there is none (then every name is its own site)."""
    return _list().privatesuffix(name) or ""
