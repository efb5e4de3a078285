"""Reads the body of a form, bounded in time and size, and decodes its Content-Encoding."""

import asyncio
import zlib
from typing import Final

from aiohttp import web

BODY_TIMEOUT: Final = 10.0  # seconds for the whole body
_WBITS: Final = {
    "gzip": 31,
    "x-gzip": 31,
    "deflate": 15,
}  # `wbits` of zlib; the codings are those of RFC 9110 §8.4.1


async def read_body(request: web.Request, limit: int) -> bytes:
    """The decoded body, at limit `limit` bytes.  Raises HTTPException: 400, 408, 413 or 415."""
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            received = await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="the body did not arrive in time\n") from None
    except web.RequestPayloadError:
        raise web.HTTPBadRequest(text="the body is malformed\n") from None
    coding = ",".join(request.headers.getall("Content-Encoding", [])).strip().lower()
    if coding in ("", "identity"):
        return received
    if coding not in _WBITS:
        raise web.HTTPUnsupportedMediaType(text="this Content-Encoding is not supported\n")
    return _inflate(received, _WBITS[coding], limit)


def _inflate(received: bytes, wbits: int, limit: int) -> bytes:
    inflater = zlib.decompressobj(wbits)
    try:
        decoded = inflater.decompress(received, limit + 1)
    except zlib.error:
        decoded = b""
    if len(decoded) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, len(decoded))
    if not inflater.eof or inflater.unused_data:
        raise web.HTTPBadRequest(text="the body does not match its Content-Encoding\n")
    return decoded
