"""Asks a feed for its list: one GET, without redirects, bounded in size and time.

Only the supervisor imports this, and only if the policy has feeds.
"""

import asyncio
import socket
import ssl
from typing import Final, NamedTuple

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from .. import __version__
from ..cors.escape import redacted
from ..cors.spec import OriginFeed
from ..policy.feed_list import FeedError
from ..policy.files import MAX_BYTES
from ..policy.origin_feeds import is_private

TIMEOUT: Final = 10.0  # seconds for an answer, from the look-up of the name to the last byte
_MAX_ETAG: Final = 1024  # characters
_MAX_REASON: Final = 256  # characters; the parser quotes what the feed sent
_HEADERS: Final = {
    "Accept": "text/plain, application/json",
    # A compressed list could be a thousand times as long as the answer.
    "Accept-Encoding": "identity",
    "User-Agent": f"cors-proxy/{__version__}",
}


class Answer(NamedTuple):
    """The body of a 200, and its ETag, "" if it has none that can be sent back."""

    data: bytes
    etag: str


class FeedClient:
    """One GET at a time for each feed.  `timeout` is in seconds."""

    def __init__(self, timeout: float = TIMEOUT, max_bytes: int = MAX_BYTES) -> None:
        self.timeout = timeout
        self._max_bytes = max_bytes
        self._tls: ssl.SSLContext | None = None

    async def fetch(self, feed: OriginFeed, etag: str = "", within: float = TIMEOUT) -> Answer | None:
        """The answer, or None if the list is still the one with this ETag (304).

        Raises `FeedError`.
        """
        seconds = min(within, self.timeout)
        try:
            async with asyncio.timeout(seconds):
                return await self._get(feed, etag)
        except TimeoutError:
            raise FeedError(f"no complete answer within {seconds:.3g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise FeedError(_reason(error, feed)) from None

    async def _get(self, feed: OriginFeed, etag: str) -> Answer | None:
        url = URL(feed.url, encoded=True)
        secure = url.scheme == "https"
        connector = aiohttp.TCPConnector(
            ssl=await self._tls_context() if secure else True,
            resolver=ThreadedResolver() if secure else _InsideResolver(),
            use_dns_cache=False,
            force_close=True,
        )
        async with (
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(None),
                auto_decompress=False,
                headers=_HEADERS,
            ) as session,
            session.get(
                url, allow_redirects=False, headers={"If-None-Match": etag} if etag else {}
            ) as response,
        ):
            if response.status == 304 and etag:
                return None
            if 300 <= response.status < 400:
                raise FeedError(f"the answer is {response.status}, a redirect, which is not followed")
            if response.status != 200:
                raise FeedError(f"the answer is {response.status}")
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise FeedError("the answer is compressed, which was not asked for")
            data = await self._read(response)
            whole = response.content_length is not None or "Transfer-Encoding" in response.headers
            if not whole and not _has_end(data):
                raise FeedError("the answer has no length and no line end at its end: it may be cut off")
            tag = response.headers.get("ETag", "")
        return Answer(data, tag if len(tag) <= _MAX_ETAG and tag.isascii() and tag.isprintable() else "")

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        parts, size = [], response.content_length or 0
        if size <= self._max_bytes:
            size = 0
            async for part in response.content.iter_any():
                parts.append(part)
                size += len(part)
                if size > self._max_bytes:
                    break
        if size > self._max_bytes:
            raise FeedError(f"the list is larger than {self._max_bytes >> 20} MiB")
        return b"".join(parts)

    async def _tls_context(self) -> ssl.SSLContext:
        """Verifies certificates and names.  In a thread: reading the authorities takes 20 ms."""
        if self._tls is None:
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        return self._tls


def _has_end(data: bytes) -> bool:
    """Whether a list without a length is complete (RFC 9112 §8).

    A connection that breaks ends it as well, and half a line can be an origin of somebody else:
    `https://shop.example.co` of `https://shop.example.com`."""
    last = data.rstrip()
    if last.endswith(b"]"):
        return last[:-1].rstrip().endswith((b'"', b"["))
    return data.endswith(b"\n")


def _reason(error: Exception, feed: OriginFeed) -> str:
    """What went wrong, in one line and without the secrets that the URL may have."""
    text = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
    text = redacted(text)
    if query := feed.url.partition("?")[2]:
        text = text.replace(query, "…")
    return " ".join(text.split())[:_MAX_REASON] or type(error).__name__


class _InsideResolver(AbstractResolver):
    """For plain http: the addresses of a name, if all of them are loopback or private.

    The policy names no public host here, but a name of one label can have a public address.
    """

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        for each in found:
            if not is_private(each["host"]):
                raise FeedError(f"{host} has the public address {each['host']}: use https")
        return found

    async def close(self) -> None:
        await self._resolver.close()
