"""What a reload cannot change: sockets that are open and processes that run."""

from ..cors.place import Place
from .model import Admin, Policy
from .problems import Problem


def what_needs_restart(old: Policy, new: Policy) -> list[Problem]:
    """One problem for each key of `new` that differs from `old` and takes a restart (the keys whose `Field.reload` is false)."""
    kept = {
        "listen": (old.listen, new.listen),
        "admin": (old.admin, new.admin),
        "server.workers": (old.server.workers, new.server.workers),
        # Another certificate is a reload's; whether the listener speaks TLS is not.
        "server.tls": (_spoken(old), _spoken(new)),
    }
    file = new.files[0] if new.files else "policy.yaml"
    return [
        Problem(
            new.places.get(key, Place(file, 1, 1)),
            "E701",
            f"{key}: a reload cannot change it from {_show(before)} to {_show(after)}",
            "restart the proxy",
        )
        for key, (before, after) in kept.items()
        if before != after
    ]


def _spoken(policy: Policy) -> str:
    return "none" if policy.server.tls is None else "a certificate"


def _show(value: object) -> str:
    if isinstance(value, Admin):
        return str(value.listen) if not value.hosts else f"{value.listen} with hosts {', '.join(value.hosts)}"
    return "off" if value is None else str(value)
