"""A run of two seconds, which shows that the soak itself works."""

import pytest

from tests.soak.__main__ import soak


@pytest.mark.timeout(180)
async def test_a_short_one() -> None:
    assert await soak(2, 1) == []
