"""Streams into memory, and exchanges."""

import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest

from cors_proxy.proxy.recorder import Exchange


class Lines:
    """Takes lines like a `Stream`."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.dropped = 0

    def write(self, line: bytes) -> None:
        self.lines.append(line)

    def close(self, seconds: float = 1.0) -> None:
        pass

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def lines() -> Callable[[], Lines]:
    return Lines


@pytest.fixture
def exchange() -> Callable[..., Exchange]:
    def make(**changes: Any) -> Exchange:
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

    return make
