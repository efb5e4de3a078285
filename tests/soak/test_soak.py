"""Two seconds of it, so that it can be relied upon when it is needed."""

import pytest

from tests.soak.__main__ import soak


@pytest.mark.timeout(180)
async def test_a_short_one() -> None:
    assert await soak(2, 1) == []
