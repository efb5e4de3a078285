"""POSTs that meet idle connections at the age where a server ends them."""

import asyncio
from collections import Counter
from typing import Final

from tests.wire import Client

REQUEST: Final = b"POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 2\r\n\r\nhi"
BEFORE, AFTER = 1.0, 0.5  # seconds around the age


async def _post(client: Client, pause: float) -> int:
    await asyncio.sleep(pause)
    await client.send(REQUEST)
    return (await client.answer("POST")).status


async def round_of_posts(port: int, age: float, count: int) -> Counter[int]:
    """So many POSTs at once leave as many idle connections.  As many more follow, spread over the
    time around `age`.  The responses to these by status."""
    clients = [Client(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(count)]
    first = await asyncio.gather(*[_post(client, 0.0) for client in clients])
    assert set(first) == {200}, Counter(first)
    step = (BEFORE + AFTER) / count
    pauses = [age - BEFORE + step * number for number in range(count)]
    found = await asyncio.gather(*map(_post, clients, pauses))
    for client in clients:
        client.close()
    return Counter(found)
