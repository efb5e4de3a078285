"""Origins that an API with a careless check grants: `https://evilexample.com` beside example.com.

The API granted them, so they look proven.  A person has to confirm them.
"""

from ..cors.hosts import split_port
from ..policy.suffixes import registrable_domain


def host_of(origin: str) -> str:
    return split_port(origin.partition("://")[2].encode("ascii", "replace"))[0].decode("ascii").rstrip(".")


def imitates(origin: str, other: str) -> bool:
    """Whether `origin` holds the domain of `other`, and belongs to somebody else."""
    host, domain = host_of(origin), registrable_domain(host_of(other))
    if not domain or registrable_domain(host) == domain:
        return False
    return host.startswith(f"{domain}.") or f".{domain}." in host or _ends_alike(host, domain)


def _ends_alike(host: str, domain: str) -> bool:
    """Where a check has no dot in front (`endswith`), or an unescaped one (a regular expression)."""
    tail = host[-len(domain) :]
    return len(tail) == len(domain) and all(
        ours == theirs or ours == "." for ours, theirs in zip(domain, tail, strict=True)
    )
