"""Which changes a reload cannot make: open sockets and running processes stay as they are."""

from ..cors.place import Place
from .model import Address, Admin, Policy
from .problems import Problem


def restart_problems(old: Policy, new: Policy) -> list[Problem]:
    """One problem for each key that differs and that only a restart can change.

    These are the keys whose `Field.reloadable` is false.
    """
    fixed = {
        "listen": (_forwards_at(old), _forwards_at(new)),
        "admin": (old.admin, new.admin),
        "decide": (_asked_at(old), _asked_at(new)),
        "server.workers": (old.server.workers, new.server.workers),
        "server.tracing": (old.server.tracing, new.server.tracing),
        # A reload can replace the certificate, but not add TLS to a listener or remove it.
        "server.tls": (_tls_state(old), _tls_state(new)),
    }
    file = new.files[0] if new.files else "policy.yaml"
    return [
        Problem(
            new.places.get(key, Place(file, 1, 1)),
            "E701",
            f"{key}: a reload cannot change it from {_show(before)} to {_show(after)}",
            "restart the proxy",
        )
        for key, (before, after) in fixed.items()
        if before != after
    ]


def _forwards_at(policy: Policy) -> Address | None:
    return policy.listen if policy.forwards else None


def _asked_at(policy: Policy) -> str | None:
    """The two other dialects are spoken by the same listener."""
    decide = policy.decide
    if decide is None:
        return None
    return f"{decide.listen} with dialect: grpc" if decide.dialect == "grpc" else str(decide.listen)


def _tls_state(policy: Policy) -> str:
    return "none" if policy.server.tls is None else "a certificate"


def _show(value: object) -> str:
    if isinstance(value, Admin):
        return str(value.listen) if not value.hosts else f"{value.listen} with hosts {', '.join(value.hosts)}"
    return "off" if value is None else str(value)
