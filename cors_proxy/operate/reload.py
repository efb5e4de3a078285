"""A new policy in place of the old: read and validated first, swapped second, the old one kept on any error.

Files are polled by content, not watched: a Kubernetes ConfigMap changes by a symlink's swap two levels up, network file
systems notify nobody, and an editor may replace the file."""

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

INTERVAL: Final = 2.0  # seconds between two looks at the files
NAMED: Final = 20  # problems in one log line

Source = Callable[[], tuple[Policy, list[Problem]]]
"""Reads the policy from where this process was told: a file, a variable, or the command line.  PolicyProblems if it is refused."""


class Reloader:
    """Holds the policy in force; `apply` puts another one there."""

    def __init__(
        self, source: Source, policy: Policy, apply: Callable[[Policy], Awaitable[None]], events: Events
    ) -> None:
        self.policy = policy
        self.count = ReloadCount(last_success=time.time())
        self._source = source
        self._apply = apply
        self._events = events
        self._lock = asyncio.Lock()
        # Reading 10,000 origins takes a second: in a thread, while the loop serves.
        self._thread = ThreadPoolExecutor(1, "reload")
        self._files = policy.files
        self._digest = digest(policy.files)

    async def reload(self, cause: str) -> list[str]:
        """The problems, as text; none where the new policy is in force."""
        async with self._lock:
            loop = asyncio.get_running_loop()
            try:
                policy, warnings = await loop.run_in_executor(self._thread, self._read)
            except PolicyProblems as refused:
                return self._failed(cause, [str(problem) for problem in refused.problems])
            except Exception as error:
                return self._broken(cause, error)
            try:
                await self._apply(policy)
            except OSError as error:  # a file that was replaced since it was read
                return self._failed(cause, [f"cannot be applied: {error}"])
            except Exception as error:
                return self._broken(cause, error)
            self.policy = policy
            self.count.succeeded += 1
            self.count.last_success = time.time()
            self._events.info(
                "policy-reloaded", "the new policy is in force", cause=cause, **listed(map(str, warnings))
            )
            return []

    async def watch(self) -> None:
        """Reload when content changes; for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(INTERVAL)
            if await loop.run_in_executor(self._thread, digest, self._files) != self._digest:
                await self.reload("changed content")

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _read(self) -> tuple[Policy, list[Problem]]:
        # Before reading: what changes meanwhile is then seen by the next look.
        before = digest(self._files)
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
        known = tuple(dict.fromkeys(files))
        self._digest = before if known == self._files else digest(known)
        self._files = known

    def _broken(self, cause: str, error: Exception) -> list[str]:
        """A bug is a failed reload too: it must not end the watch."""
        self._events.failure(error)
        return self._failed(cause, [f"a fault of the proxy itself: {type(error).__name__}"])

    def _failed(self, cause: str, problems: list[str]) -> list[str]:
        self.count.failed += 1
        self._events.error(
            "policy-refused",
            "the policy was not reloaded; the old one stays in force",
            cause=cause,
            **listed(problems),
        )
        return problems


def listed(problems: Iterable[str]) -> dict[str, object]:
    """Problems as fields of a log line: a bounded number of them."""
    every = list(problems)
    return {"problems": every[:NAMED], "problems.count": len(every)} if every else {}


def digest(files: Iterable[str]) -> bytes:
    """Of names and contents; a file that cannot be read counts as what it is."""
    total = hashlib.blake2b()
    for name in files:
        total.update(name.encode() + b"\0")
        try:
            total.update(hashlib.blake2b(Path(name).read_bytes()).digest())
        except OSError as error:
            total.update(type(error).__name__.encode())
    return total.digest()
