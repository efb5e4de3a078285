"""Reloads the policy: read and check it as a whole, then apply it.  An error leaves the old one.

The content of the files is polled.  inotify would miss changes: Kubernetes swaps a symlink two
levels above a ConfigMap's file, network file systems send no events, and editors replace files.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from ..policy.model import Policy
from ..policy.problems import PolicyProblems, Problem
from ..policy.reload import restart_problems
from .counters import ReloadCount
from .events import Events

POLL_INTERVAL: Final = 2.0  # seconds
MAX_LISTED: Final = 20  # problems in one log line

Source = Callable[[], tuple[Policy, list[Problem]]]
"""Reads the policy from a file, a variable or the command line.  Raises PolicyProblems."""


class Reloader:
    """Holds the policy in force.  `apply` puts a new one in force, or raises OSError."""

    def __init__(
        self, source: Source, policy: Policy, apply: Callable[[Policy], Awaitable[None]], events: Events
    ) -> None:
        self.policy = policy
        self.reloads = ReloadCount(last_success=time.time())
        self._source = source
        self._apply = apply
        self._events = events
        self._lock = asyncio.Lock()
        # Reading 10,000 origins takes a second, so it is done in a thread.
        self._thread = ThreadPoolExecutor(1, "reload")
        self._files = policy.files
        self._last_digest = content_digest(policy.files)

    async def reload(self, cause: str) -> list[str]:
        """Returns the problems, none if the new policy is in force."""
        async with self._lock:
            loop = asyncio.get_running_loop()
            try:
                policy, warnings = await loop.run_in_executor(self._thread, self._read)
            except PolicyProblems as refused:
                return self._failed(cause, [str(problem) for problem in refused.problems])
            except Exception as error:
                return self._bug(cause, error)
            try:
                await self._apply(policy)
            except OSError as error:  # such as a certificate that was replaced after it was read
                return self._failed(cause, [f"cannot be applied: {error}"])
            except Exception as error:
                return self._bug(cause, error)
            self.policy = policy
            self.reloads.succeeded += 1
            self.reloads.refused = False
            self.reloads.last_success = time.time()
            self._events.info(
                "policy-reloaded",
                "the new policy is in force",
                cause=cause,
                **problem_fields(map(str, warnings)),
            )
            return []

    async def watch(self) -> None:
        """Reload whenever the content of a file changes.  Never returns."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(POLL_INTERVAL)
            if await loop.run_in_executor(self._thread, content_digest, self._files) != self._last_digest:
                await self.reload("changed content")

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _read(self) -> tuple[Policy, list[Problem]]:
        # Taken before reading, so that the next poll sees changes made while reading.
        before = content_digest(self._files)
        try:
            policy, warnings = self._source()
            if refused := restart_problems(self.policy, policy):
                raise PolicyProblems(refused, policy.files)
        except PolicyProblems as refused:
            self._remember((*self._files, *refused.files), before)
            raise
        self._remember(policy.files, before)
        return policy, warnings

    def _remember(self, files: Iterable[str], before: bytes) -> None:
        names = tuple(dict.fromkeys(files))
        self._last_digest = before if names == self._files else content_digest(names)
        self._files = names

    def _bug(self, cause: str, error: Exception) -> list[str]:
        """Count a bug as a failed reload, so that it does not end `watch`."""
        self._events.failure(error)
        return self._failed(cause, [f"a bug in the proxy: {type(error).__name__}"])

    def _failed(self, cause: str, problems: list[str]) -> list[str]:
        self.reloads.failed += 1
        self.reloads.refused = True
        self._events.error(
            "policy-refused",
            "the policy was not reloaded; the old one stays in force",
            cause=cause,
            **problem_fields(problems),
        )
        return problems


def problem_fields(problems: Iterable[str]) -> dict[str, object]:
    """Fields of an event: the first problems and their number; none where there are none."""
    texts = list(problems)
    return {"problems": texts[:MAX_LISTED], "problems.count": len(texts)} if texts else {}


def content_digest(files: Iterable[str]) -> bytes:
    """Of names and contents; for an unreadable file, of the type of the error."""
    total = hashlib.blake2b()
    for name in files:
        total.update(name.encode() + b"\0")
        try:
            total.update(hashlib.blake2b(Path(name).read_bytes()).digest())
        except OSError as error:
            total.update(type(error).__name__.encode())
    return total.digest()
