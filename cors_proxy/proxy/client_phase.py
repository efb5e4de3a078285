"""The phases of a client's connection.

    idle <-> reading head
      |            |
      |------------'------> exchange ----> idle, or reading head
      |            |           |---------> tunnel          a 101
      |            |           |              |
      '------------'-----------'--------------'---> lingering

`closed` may follow each of them."""

from typing import Final

from .phase import one_of

IDLE: Final = 0  # between two requests, or before the first one
READING_HEAD: Final = 1  # a part of a head has come
EXCHANGE: Final = 2  # a request is under way
LINGERING: Final = 3  # the last response is written, and the client's end is waited for
TUNNEL: Final = 4  # after a 101
CLOSED: Final = 5  # an end was asked for, or has come

NAMES: Final[tuple[str, ...]] = ("idle", "reading head", "exchange", "lingering", "tunnel", "closed")
NEXT: Final[tuple[int, ...]] = (
    one_of(READING_HEAD, EXCHANGE, LINGERING, CLOSED),  # after IDLE
    # After READING_HEAD.  Idle, where the head is whole and waits until the client takes what was
    # written.
    one_of(IDLE, EXCHANGE, LINGERING, CLOSED),
    one_of(IDLE, READING_HEAD, LINGERING, TUNNEL, CLOSED),  # after EXCHANGE
    one_of(CLOSED),  # after LINGERING
    one_of(LINGERING, CLOSED),  # after TUNNEL
    one_of(),  # after CLOSED
)
