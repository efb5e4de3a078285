"""Named phases: which one a connection or a message is in, and which may come next.

A class that has phases numbers them from 0 and keeps two tuples beside the numbers: the names, for
messages, and for each phase the set of those that may follow it, made by `one_of`.  The tuples are
typed `tuple[int, ...]`: mypyc would else copy them at each call (docs/decisions/0008).  It changes its
phase in one method alone, which asks `may_follow`.  A change that is not in the table is a bug: the
method ends the connection and raises PhaseError, which is recorded as every other bug is."""


class PhaseError(Exception):
    """A bug: a change of phase that cannot be meant."""

    def __init__(self, names: tuple[str, ...], before: int, after: int) -> None:
        super().__init__(f"{names[after]} cannot follow {names[before]}")


def one_of(*phases: int) -> int:
    """A set of phases, as the bits of one number: to look into it costs two instructions."""
    bits = 0
    for phase in phases:
        bits |= 1 << phase
    return bits


def may_follow(table: tuple[int, ...], before: int, after: int) -> bool:
    """Whether a change is in the table.  A phase may be entered again."""
    return before == after or table[before] >> after & 1 == 1
