"""`server`, `listen` and `admin` of a decoded policy, as the data path takes them."""

from dataclasses import fields, replace
from typing import Any

from .model import Address, Admin, Limits, Server, Timeouts
from .tls import edge_tls, upstream_tls
from .types import Reader, Section

LISTEN = Address("127.0.0.1", 8080)
ADMIN = Address("127.0.0.1", 9901)


def build_server(section: Section | None, reader: Reader) -> Server:
    if section is None:
        return Server()
    trusted = (network for item in section.items("trusted_proxies") for network in item.value)
    drain: Section | None = section.item("drain")
    return Server(
        workers=section.value("workers", 1),
        tls=edge_tls(section.item("tls"), reader),
        upstream_tls=upstream_tls(section.item("upstream_tls"), reader),
        trusted_proxies=tuple(dict.fromkeys(trusted)),
        limits=Limits(**_set(section.item("limits"), Limits)),
        timeouts=Timeouts(**_set(section.item("timeouts"), Timeouts)),
        drain_delay=drain.value("delay", 0.0) if drain else 0.0,
        drain_timeout=drain.value("timeout", 30.0) if drain else 30.0,
        access_log=section.value("access_log", "json"),
        debug=section.value("debug", False),
    )


def _set(section: Section | None, shape: type[Any]) -> dict[str, Any]:
    """The keys that were set; the grammar's names are the fields' names."""
    return {
        one.name: section.values[one.name] for one in fields(shape) if section and one.name in section.values
    }


def route_limits(route: Section, server: Server) -> Limits:
    """The server's, with those that the route sets."""
    own = _set(route.item("limits"), Limits)
    return replace(server.limits, **own) if own else server.limits


def route_timeouts(route: Section, server: Server) -> Timeouts:
    own = _set(route.item("timeouts"), Timeouts)
    return replace(server.timeouts, **own) if own else server.timeouts


def build_admin(policy: Section) -> Admin | None:
    value = policy.value("admin", ADMIN)
    if isinstance(value, Section):
        return Admin(
            value.value("listen", ADMIN), tuple(dict.fromkeys(item.value for item in value.items("hosts")))
        )
    return Admin(value) if isinstance(value, Address) else None
