"""Counts what was done, and what should not have happened."""

from collections import Counter
from collections.abc import Awaitable


class Unexpected(Exception):
    """An answer that a request must not get."""


class Told:
    """Counts by kind; the first of each unexpected kind is printed."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.unexpected: Counter[str] = Counter()

    async def attempt(self, kind: str, step: Awaitable[None]) -> None:
        self.done[kind] += 1
        try:
            await step
        except (Unexpected, OSError, TimeoutError, EOFError) as error:
            self.failed[kind] += 1
            told = f"{kind}: {type(error).__name__} {error}"
            self.unexpected[told] += 1
            if self.unexpected[told] == 1 and len(self.unexpected) < 50:
                print("UNEXPECTED", told, flush=True)
