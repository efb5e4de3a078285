"""The body of a form: read within a time, within a size, and decoded as it says."""

import asyncio
import zlib
from typing import Final

from aiohttp import web

SECONDS: Final = 10.0  # for all of it
_WINDOWS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's wbits; RFC 9110, 8.4.1


async def body(request: web.Request, most: int) -> bytes:
    """At most so many bytes.  Raises what answers 400, 408, 413 or 415."""
    try:
        async with asyncio.timeout(SECONDS):
            received = await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="the body did not come in time\n") from None
    except web.RequestPayloadError:
        raise web.HTTPBadRequest(text="the body is broken\n") from None
    coding = ",".join(request.headers.getall("Content-Encoding", [])).strip().lower()
    if coding in ("", "identity"):
        return received
    if coding not in _WINDOWS:
        raise web.HTTPUnsupportedMediaType(text="this Content-Encoding is not understood here\n")
    return _inflated(received, _WINDOWS[coding], most)


def _inflated(received: bytes, window: int, most: int) -> bytes:
    inflater = zlib.decompressobj(window)
    try:
        found = inflater.decompress(received, most + 1)
    except zlib.error:
        found = b""
    if len(found) > most:
        raise web.HTTPRequestEntityTooLarge(most, len(found))
    if not inflater.eof or inflater.unused_data:
        raise web.HTTPBadRequest(text="the body is not what its Content-Encoding says\n")
    return found
