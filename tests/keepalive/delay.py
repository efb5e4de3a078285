"""The way to a server far off: what is sent arrives later, and so does the end of a connection."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        data = b"-"
        while data:
            due, data = await under_way.get()
            await asyncio.sleep(due - loop.time())
            if data:
                writer.write(data)
        # To the other end, a FIN and a reset are the same here: it may not send any more.
        writer.close()

    async with asyncio.TaskGroup() as group:
        group.create_task(deliver())
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                under_way.put_nowait((loop.time() + seconds, data))
        under_way.put_nowait((loop.time() + seconds, b""))


@contextlib.asynccontextmanager
async def delayed(port: int, seconds: float) -> AsyncIterator[int]:
    """A port whose connections go to `port`, so many seconds later in each direction."""
    tasks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        writers.extend((writer, far_writer))
        for one, other in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(_pass_on(one, other, seconds))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for writer in writers:
        writer.transport.abort()
    await asyncio.gather(*[writer.wait_closed() for writer in writers], return_exceptions=True)
