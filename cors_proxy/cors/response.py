"""Rewrites response headers: the upstream's CORS headers never reach a client; our own do, once.

Everything else passes as it came: order, repeats, case of names, bytes."""

from collections.abc import Sequence
from typing import Final

from .decision import Grant, Line
from .names import HOP_BY_HOP, READABLE_ANYWAY, UNREADABLE, is_token
from .storage_access import ACTIVATE

_AMP: Final = (b"amp-email-allow-sender", b"amp-access-control-allow-source-origin")
_LOOKED_AT: Final = frozenset(
    (b"vary", b"timing-allow-origin", b"cross-origin-resource-policy", ACTIVATE, *_AMP)
)
_NOT_EXPOSED: Final = READABLE_ANYWAY | UNREADABLE | HOP_BY_HOP
_A, _C, _T, _V = b"actv"


def rewrite(grant: Grant, lines: Sequence[Line]) -> list[Line]:
    """The lines of an upstream's final response as the client gets them."""
    if grant.hands_off:
        return list(lines)
    kept: list[Line] = []
    varies: list[int] = []  # where Vary lines stand in `kept`
    policy = grant.resource_policy
    for line in lines:
        name = line[0]
        first = name[0] | 0x20 if name else 0
        if first in (_A, _T):
            if _removed(grant, name.lower()):
                continue
        elif first == _V:
            if name.lower() == b"vary":
                varies.append(len(kept))
        elif first == _C and policy is not None and name.lower() == b"cross-origin-resource-policy":
            # The upstream's stays alone, because a browser takes two values for none:
            # https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check
            policy = None
        kept.append(line)
    if grant.vary:
        _merge_vary(grant, kept, varies)
    kept += grant.lines
    if grant.expose_all:
        _expose(kept)
    if grant.timing is not None:
        kept.append((b"Timing-Allow-Origin", grant.timing))
    if policy is not None:
        kept.append((b"Cross-Origin-Resource-Policy", policy))
    return kept


def strip(lines: Sequence[Line], grant: Grant) -> list[Line]:
    """The lines of an interim response, or of a 101: nothing of CORS in them, and nothing added."""
    if grant.hands_off:
        return list(lines)
    return [line for line in lines if not _removed(grant, line[0].lower())]


def always_removed(name: bytes) -> bool:
    """Whether no line of this name (in lower case) reaches a client: the API's own CORS headers."""
    return name.startswith(b"access-control-")


def looks_at(name: bytes) -> bool:
    """Whether `rewrite` looks at lines of this name (in lower case).

    All others pass, and it adds `grant.forwarded_bytes` behind them.  (`expose_all` looks at
    all.)"""
    return always_removed(name) or name in _LOOKED_AT


def _removed(grant: Grant, name: bytes) -> bool:
    return (
        always_removed(name)
        or (name == b"timing-allow-origin" and grant.timing is not None)
        or (grant.storage_access and name == ACTIVATE)
        or (grant.amp and name in _AMP)
    )


def removed_names(grant: Grant) -> list[bytes]:
    """The names of the lines that `rewrite` removes; `*` stands for the rest of a name."""
    names = [b"Access-Control-*"]
    if grant.timing is not None:
        names.append(b"Timing-Allow-Origin")
    if grant.storage_access:
        names.append(b"Activate-Storage-Access")
    if grant.amp:
        names += [b"AMP-Email-Allow-Sender", b"AMP-Access-Control-Allow-Source-Origin"]
    return names


def _merge_vary(grant: Grant, kept: list[Line], varies: list[int]) -> None:
    """Adds what is missing to the last Vary line; `*` says it all (RFC 9110 §12.5.5)."""
    if not varies:
        kept.append((b"Vary", b", ".join(grant.vary)))
        return
    have = {member.strip(b" \t") for at in varies for member in kept[at][1].lower().split(b",")}
    if b"*" in have:
        return
    missing = [name for name in grant.vary if name.lower() not in have]
    if missing:
        name, value = kept[varies[-1]]
        value = value.rstrip(b" \t,")
        kept[varies[-1]] = (name, b", ".join((value, *missing) if value else missing))


def _expose(kept: list[Line]) -> None:
    """`expose: "*"` with credentials, where a star would be a header's name: names what this
    response carries, without the headers that can be read anyway, or never."""
    names: dict[bytes, bytes] = {}
    for name, _ in kept:
        lower = name.lower()
        if lower not in _NOT_EXPOSED and not lower.startswith(b"access-control-"):
            names.setdefault(lower, name)
    exposed = [name for name in names.values() if is_token(name)]
    if exposed:
        kept.append((b"Access-Control-Expose-Headers", b", ".join(exposed)))
