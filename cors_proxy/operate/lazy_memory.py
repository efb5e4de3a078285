"""What `mode: report` saw, kept from the first record on: most policies never need it, and to import
it costs every process memory and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..learn.memory import Memory
    from ..learn.seen import Seen


class LazyMemory:
    """A `learn.memory.Memory` that is made when it is needed."""

    def __init__(self) -> None:
        self._memory: Memory | None = None

    def get(self) -> Memory:
        if self._memory is None:
            from ..learn.memory import Memory

            self._memory = Memory()
        return self._memory

    def take(self, seen: list[Seen], beyond: int) -> None:
        """As `Memory.take`."""
        self.get().take(seen, beyond)
