"""`server`, `admin` and `decide` of a decoded policy, as the data path takes them."""

from dataclasses import fields, replace
from importlib.util import find_spec
from typing import Any

from .mappings import Section
from .model import DEFAULT_ADMIN, LOOPBACK, Address, Admin, Decide, Limits, Server, Timeouts, Tracing
from .tls import listener_tls, upstream_tls
from .types import Context

# What the extra `otel` installs, as far as it is imported.
_OTEL = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
# The same of the extra `grpc`.
_GRPC = ("h2", "google.protobuf")


def build_server(section: Section | None, context: Context) -> Server:
    """The `server` keys; a key that is not set or is invalid has the default of `Server`."""
    if section is None:
        return Server()
    networks = (network for item in section.items("trusted_proxies") for network in item.value)
    balancers = [network for item in section.items("proxy_protocol") for network in item.value]
    drain = section.get("drain")
    drain_values = {f"drain_{key}": value for key, value in drain.values.items()} if drain else {}
    return Server(
        tls=listener_tls(section.get("tls"), context),
        upstream_tls=upstream_tls(section.get("upstream_tls"), context),
        trusted_proxies=tuple(dict.fromkeys(networks)),
        proxy_protocol=tuple(dict.fromkeys(network for network in balancers if network is not None)),
        proxy_protocol_unix=None in balancers,
        limits=Limits(**_set_values(section.get("limits"), Limits)),
        timeouts=Timeouts(**_set_values(section.get("timeouts"), Timeouts)),
        tracing=_tracing(section, context),
        **{key: section.values[key] for key in ("workers", "access_log", "debug") if key in section.values},
        **drain_values,
    )


def _tracing(section: Section, context: Context) -> Tracing | None:
    """The keys of `tracing`; an error where the packages are missing."""
    tracing = section.get("tracing")
    if tracing is None:
        return None
    if not all(map(_installed, _OTEL)):
        message = "server.tracing: the packages of OpenTelemetry are not installed"
        context.findings.add(
            section.key_places["tracing"], "E602", message, "install them: pip install 'cors-proxy[otel]'"
        )
    return Tracing(**_set_values(tracing, Tracing))


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package that it is in
        return False


def _set_values(section: Section | None, model: type[Any]) -> dict[str, Any]:
    """The values that are set, by field of `model`: the fields have the names of the keys."""
    values = section.values if section else {}
    return {field.name: values[field.name] for field in fields(model) if field.name in values}


def route_limits(route: Section, server: Server) -> Limits:
    """The server's limits with those that the route sets."""
    own = _set_values(route.get("limits"), Limits)
    return replace(server.limits, **own) if own else server.limits


def route_timeouts(route: Section, server: Server) -> Timeouts:
    """The server's timeouts with those that the route sets."""
    own = _set_values(route.get("timeouts"), Timeouts)
    return replace(server.timeouts, **own) if own else server.timeouts


def build_decide(policy: Section, context: Context) -> Decide | None:
    """The decision listener; None where it is not set, or has no valid address."""
    section: Section | None = policy.get("decide")
    if section is None:
        return None
    dialect = section.value("dialect", "mirror")
    if dialect != "forwarded" and "headers" in section.key_places:
        context.findings.add(
            section.key_places["headers"],
            "E209",
            f"decide.headers: with dialect: {dialect} no header describes the request",
            "remove headers, or write dialect: forwarded",
        )
    if dialect == "grpc" and not all(map(_installed, _GRPC)):
        message = "decide.dialect: the packages for gRPC are not installed"
        context.findings.add(
            section.key_places["dialect"], "E602", message, "install them: pip install 'cors-proxy[grpc]'"
        )
    if "listen" not in section.values:
        return None
    networks = tuple(dict.fromkeys(network for item in section.items("trust") for network in item.value))
    return Decide(
        section.values["listen"], dialect, section.value("headers", "x-forwarded"), networks or LOOPBACK
    )


def check_upstream_is_needed(policy: Section, context: Context) -> None:
    """Without `upstream` nothing is forwarded, so keys about that would silently have no effect."""
    if "upstream" in policy.key_places or "decide" not in policy.key_places:
        return
    places = {"listen": policy.key_places["listen"]} if "listen" in policy.key_places else {}
    routes: list[Section] = policy.value("routes", [])
    for i, route in enumerate(routes):
        if "upstream" in route.key_places:
            places[f"routes[{i}].upstream"] = route.key_places["upstream"]
    for key, place in places.items():
        message = f"{key}: without an upstream at the top level nothing is forwarded, so it has no effect"
        context.findings.add(place, "E208", message, f"add upstream: …, or remove {key.split('.')[-1]}")


def build_admin(policy: Section) -> Admin | None:
    """The admin listener; None for `admin: off`."""
    value = policy.value("admin", DEFAULT_ADMIN)
    if isinstance(value, Section):
        hosts = tuple(dict.fromkeys(item.value for item in value.items("hosts")))
        return Admin(value.value("listen", DEFAULT_ADMIN), hosts)
    return Admin(value) if isinstance(value, Address) else None
