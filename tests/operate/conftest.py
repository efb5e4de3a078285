"""Streams into memory, and exchanges."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from cors_proxy.proxy.recorder import Exchange
from tests.exchanges import exchange


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


@pytest.fixture(name="exchange")
def exchange_fixture() -> Callable[..., Exchange]:
    return exchange
