"""The text of a policy that means what an effective policy says.

`diff` compares a running proxy's with a file: `effective` is what its admin listener shows."""

from collections.abc import Mapping
from typing import Any

import yaml

from .effective import PlainData


def policy_text(effective: PlainData) -> str:
    """A policy as YAML.  The files of TLS are left out: they are on the proxy's machine.

    Raises ValueError where `effective` is none."""
    try:
        *routes, default = effective["routes"]
        policy: PlainData = {"version": 1, "upstream": default["upstream"]}
        policy |= {key: effective[key] for key in ("listen", "dangerously_allow")}
        policy["admin"] = _without(effective["admin"], [])
        for key, name in (("hosts", "hosts"), ("own_origins", "self_origins")):
            if isinstance(effective[key], list):
                policy[name] = effective[key]
        policy |= _forwarding(default) | {"mode": default["mode"], "cors": _cors(default["cors"])}
        policy["routes"] = [_route(route) for route in routes]
        policy["server"] = _server(effective["server"])
        policy["assert"] = [yaml.safe_load(text) for text in effective["assert"]]
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ValueError(f"no effective policy: {error!r}") from None
    return yaml.safe_dump(policy, sort_keys=False, allow_unicode=True, width=1000)


def _forwarding(route: PlainData) -> PlainData:
    return {key: route[key] for key in ("upstream_host", "upstream_origin", "rewrite_location")}


def _route(route: PlainData) -> PlainData:
    kept = ("path", "upstream", "limits", "timeouts", "dangerously_allow")
    found: PlainData = {key: route[key] for key in kept}
    if route["name"] != route["path"]:
        found["name"] = route["name"]
    found |= _forwarding(route)
    found |= {key: route[key] for key in ("method", "host") if route[key] != "any"}
    found |= {"strip_prefix": route["strip_prefix"]} if "strip_prefix" in route else {}
    if route["cors"] == "off":
        return found | {"cors": "off"}
    amp = route.get("amp")
    return found | {"mode": route["mode"], "cors": _cors(route["cors"])} | ({"amp": _amp(amp)} if amp else {})


def _cors(cors: PlainData) -> PlainData:
    """Lists that may not be empty, and words for nothing, are left out."""
    found = {
        key: value
        for key, value in cors.items()
        if (key, value) not in (("origins", []), ("resource_policy", "none"))
    }
    rule = cors["without_origin"]
    if isinstance(rule, Mapping):
        found["without_origin"] = {"isolate": _without(rule["isolate"], [])}
    return found


def _amp(amp: PlainData) -> PlainData:
    return {key: value for key, value in amp.items() if key != "origins" and value != "included"}


def _server(server: PlainData) -> PlainData:
    return {
        key: _without(value, "default", None)
        for key, value in server.items()
        if key not in ("tls", "upstream_tls") and value not in ("none", [])
    }


def _without(value: Any, *nothing: object) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {key: each for key, each in value.items() if each not in nothing}
