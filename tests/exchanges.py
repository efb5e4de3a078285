"""Exchanges as the data path reports them."""

import inspect
from typing import Any

from cors_proxy.proxy.recorder import Exchange


def exchange(**changes: Any) -> Exchange:
    """A finished exchange, with these fields instead of the usual ones."""
    values: dict[str, Any] = {
        "method": b"GET",
        "target": b"/items?token=secret",
        "peer": "192.0.2.1",
        "scheme": "https",
        "version": "1.1",
        "started": 10.0,
        "host": b"api.example.com",
        "route": "default",
        "mode": "enforce",
    }
    given = inspect.signature(Exchange).parameters
    made = Exchange(**(values | {name: value for name, value in changes.items() if name in given}))
    later = {"status": 200, "ended": 10.0125} | {
        name: value for name, value in changes.items() if name not in given
    }
    for name, value in later.items():
        setattr(made, name, value)
    return made
