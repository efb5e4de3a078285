"""The memory that clients hold who send all they can and read nothing."""

import pytest

from tests.fuzz.secure import secure
from tests.soak.upstream import Api
from tests.soak.weigh import BOUND, CLIENTS, WEIGHED, weigh


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_a_hundred_that_do_not_read(tls: bool) -> None:
    """All kinds of them at once, in the real process."""
    api = Api(secure().behind)
    await api.start()
    try:
        most = await weigh(api, [*WEIGHED.values()], tls)
    finally:
        await api.stop()
    assert most < BOUND, f"{most / (1 << 20):.1f} MiB for {CLIENTS} clients"
