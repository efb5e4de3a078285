"""Spaced POSTs to real servers: a short run of `make keepalive`, and one that has to fail."""

import asyncio
import shutil

from tests.keepalive.__main__ import posts
from tests.keepalive.servers import SERVERS

WAY = 0.3  # seconds, in each direction


async def test_no_post_is_lost() -> None:
    servers = [server for server in SERVERS if shutil.which(server.command[0])]
    found = await asyncio.gather(*[posts(server, 25, "", WAY) for server in servers])
    assert [set(statuses) for statuses in found] == [{200}] * len(servers), found


async def test_a_longer_keep_alive_loses_some() -> None:
    """Else the test above would show nothing."""
    servers = [server for server in SERVERS if server.name != "node"]  # node says how long it keeps them
    found = await asyncio.gather(*[posts(server, 25, "15s", WAY) for server in servers])
    assert all(set(statuses) == {200, 502} for statuses in found), found
