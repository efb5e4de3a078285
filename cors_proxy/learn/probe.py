"""Asks the API itself whom it grants what, with methods that change nothing.

Each question is asked three times, and only Origin differs: with an origin that nobody has, with
the one in question, and with another one that nobody has.  Only the head of each answer is read.
"""

import asyncio
import secrets
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from ..cors.hosts import valid
from ..cors.names import is_token
from .evidence import Evidence
from .lookalike import host_of
from .proof import prove
from .seen import Asked, Granted, Seen, granted_by
from .tally import SAFELISTED, Endpoint, Tally
from .verdict import PROBED_STATUSES, Verdict, passes_preflight, verdict

MAX_REQUESTS: Final = 3_000
MAX_SECONDS: Final = 120.0
MAX_HEAD: Final = 64 << 10
TIMEOUT: Final = 5.0  # seconds for one request
_VISIBLE: Final = frozenset(map(chr, range(0x21, 0x7F)))
_NOBODY: Final = "invalid"  # RFC 2606


@dataclass(frozen=True, slots=True)
class Target:
    """Where the API is."""

    host: str
    port: int
    tls: bool
    authority: str


def parse_target(url: str) -> Target:
    """Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError("expected a URL such as http://localhost:3000")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("expected the URL of the API without a path")
    tls = parts.scheme == "https"
    authority = parts.netloc
    if not valid(authority.encode("ascii", "replace")):
        raise ValueError("not a host")
    return Target(parts.hostname, parts.port or (443 if tls else 80), tls, authority)


@dataclass(slots=True)
class Report:
    """What came of it, for a person."""

    requests: int = 0
    unasked: int = 0  # questions beyond the bounds
    failures: int = 0
    first_failure: str = ""
    careless: tuple[str, ...] = ()  # origins that nobody has and that the API grants, beside others


Question = tuple[Endpoint, str, str, tuple[str, ...]]  # endpoint, method, origin, header names


def questions(evidence: Evidence) -> Iterator[Question]:
    """What was used, and who used it."""
    for endpoint in list(evidence.endpoints.values()):
        if not set(endpoint.sample) <= _VISIBLE:
            continue
        proven = prove(endpoint).origins
        joined: dict[tuple[str, str], set[str]] = {}
        for tallies in (endpoint.granted, endpoint.pending):
            for method, by_origin in tallies.items():
                for origin, tally in by_origin.items():
                    known = tallies is endpoint.granted and origin in proven
                    if known and (tally.preflights or method in SAFELISTED):
                        continue
                    joined.setdefault((method, origin), set()).update(_names(tally))
        for (method, origin), names in joined.items():
            if origin != "null":
                yield endpoint, method, origin, tuple(sorted(names))


def _names(tally: Tally) -> set[str]:
    return {name for name in tally.headers if is_token(name.encode("utf-8", "replace"))}


class Probe:
    """Sends the questions one after the other, within the bounds."""

    def __init__(self, target: Target, evidence: Evidence) -> None:
        self.report = Report()
        self._target = target
        self._evidence = evidence
        self._until = monotonic() + MAX_SECONDS
        self._context = ssl.create_default_context() if target.tls else None

    def run(self) -> Report:
        asyncio.run(self._all())
        return self.report

    async def _all(self) -> None:
        candidates: dict[str, Question] = {}
        for question in list(questions(self._evidence)):
            if self.report.requests + 4 > MAX_REQUESTS or monotonic() > self._until:
                self.report.unasked += 1
                continue
            if await self._one(*question):
                candidates.setdefault(question[2], question)
        for origin, (endpoint, method, _, names) in candidates.items():
            await self._careless(origin, endpoint, method, names)

    async def _one(self, endpoint: Endpoint, method: str, origin: str, names: tuple[str, ...]) -> bool:
        """Whether the API granted it and refused the others."""
        for preflight in (True, False):
            if not preflight and (method not in ("GET", "HEAD") or names):
                return False
            before = await self._ask(endpoint, method, _stranger(), names, preflight)
            seen = await self._ask(endpoint, method, origin, names, preflight)
            after = await self._ask(endpoint, method, _stranger(), names, preflight)
            if before is None or seen is None or after is None:
                continue
            found = verdict(seen, PROBED_STATUSES)
            if found is Verdict.GRANTED and (not preflight or passes_preflight(seen)):
                return self._granted(endpoint, method, origin, (before, seen, after))
            if found is Verdict.GRANTED and seen.granted is not None:
                fewer = _allowed(names, seen.granted)
                return fewer != names and await self._one(endpoint, method, origin, fewer)
            if found is Verdict.ANYONE:
                endpoint.anyone += 1
                return False
            if found is Verdict.REFUSED and not preflight:
                self._evidence.refused_to_probe.add(origin)
        return False

    def _granted(self, endpoint: Endpoint, method: str, origin: str, asked: tuple[Seen, Seen, Seen]) -> bool:
        before, seen, after = asked
        verdicts = [verdict(each, PROBED_STATUSES) for each in (before, after)]
        if Verdict.GRANTED in verdicts:
            endpoint.any_stranger = True
            return False
        if verdicts != [Verdict.REFUSED, Verdict.REFUSED]:
            return False  # an error, such as a limit of requests: it shows nothing
        for each in asked:
            self._evidence.add(each)
        names = () if seen.asked is None else seen.asked.headers
        self._evidence.confirm(endpoint, method, origin, names)
        return True

    async def _careless(self, origin: str, endpoint: Endpoint, method: str, names: tuple[str, ...]) -> None:
        """Names that begin or end like the granted one: a check that is not exact lets them in."""
        scheme, _, rest = origin.partition("://")
        if scheme not in ("http", "https") or "." not in host_of(origin) or rest.startswith("["):
            return
        for trap in (f"{scheme}://{host_of(origin)}.{_word()}.{_NOBODY}", f"{scheme}://{_word()}{rest}"):
            if self.report.requests >= MAX_REQUESTS or monotonic() > self._until:
                return
            seen = await self._ask(endpoint, method, trap, names, True)
            if seen is not None and seen.granted is not None and seen.granted.origin == trap:
                self.report.careless = (*self.report.careless, trap)

    async def _ask(
        self, endpoint: Endpoint, method: str, origin: str, names: tuple[str, ...], preflight: bool
    ) -> Seen | None:
        """None where the API gave no answer."""
        host = endpoint.host or self._target.authority
        lines = [f"{'OPTIONS' if preflight else method} {endpoint.sample} HTTP/1.1", f"Host: {host}"]
        lines += [f"Origin: {origin}", "User-Agent: cors-proxy-learn", "Connection: close"]
        if preflight:
            lines.append(f"Access-Control-Request-Method: {method}")
            if names:
                lines.append(f"Access-Control-Request-Headers: {','.join(names)}")
        self.report.requests += 1
        try:
            async with asyncio.timeout(TIMEOUT):
                status, granted = await self._exchange(("\r\n".join(lines) + "\r\n\r\n").encode("ascii"))
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            self.report.failures += 1
            self.report.first_failure = self.report.first_failure or str(error) or type(error).__name__
            return None
        return Seen(
            "OPTIONS" if preflight else method,
            endpoint.sample,
            origin,
            endpoint.host,
            "",
            status,
            Asked(method, names) if preflight else None,
            False,
            granted,
            probed=True,
        )

    async def _exchange(self, request: bytes) -> tuple[int, Granted]:
        target = self._target
        reader, writer = await asyncio.open_connection(
            target.host, target.port, ssl=self._context, limit=MAX_HEAD
        )
        try:
            writer.write(request)
            await writer.drain()
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
                status = int(first.split(" ")[1][:3]) if first.startswith("HTTP/1.") else 0
                if status >= 200:
                    break
                if status < 100:
                    raise ValueError("the answer is no HTTP")
        finally:
            writer.transport.abort()
        fields = [line.partition(":") for line in lines]
        return status, granted_by((name, value) for name, _, value in fields)


def _allowed(names: tuple[str, ...], granted: Granted) -> tuple[str, ...]:
    """Those that the answer to a preflight allows: the others may not be used by this origin."""
    allowed = {name.lower() for name in granted.headers}
    return tuple(name for name in names if name in allowed)


def _word() -> str:
    return "x" + secrets.token_hex(6)


def _stranger() -> str:
    return f"https://{_word()}.{_NOBODY}"
