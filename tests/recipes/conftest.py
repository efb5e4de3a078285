"""The browser is that of the browser tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import chromium
from tests.recipes.servers import FONT, node

__all__ = ["chromium", "express"]


@pytest.fixture
def express(tmp_path: Path) -> Iterator[int]:
    with node("express", tmp_path / "api", FONT) as port:
        yield port
