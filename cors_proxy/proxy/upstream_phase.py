"""The phases of an upstream's connection.

    idle -> sent -> head -> body -> done -> idle
                     |----------------^            a response without a body
                     |----> tunnel                 a 101

`ended` may follow each of them."""

from typing import Final

from .phase import one_of

IDLE: Final = 0  # nothing was sent of a request; one may wait in the outbox
SENT: Final = 1  # a request's first bytes are written, and nothing has come
HEAD: Final = 2  # some byte of a response has come, and its final head is not whole
BODY: Final = 3  # the final head has come, and its body is not whole
DONE: Final = 4  # the whole response has come
TUNNEL: Final = 5  # it is a tunnel's, after a 101
ENDED: Final = 6  # aborted here, or lost
NAMES: Final[tuple[str, ...]] = ("idle", "sent", "head", "body", "done", "tunnel", "ended")
NEXT: Final[tuple[int, ...]] = (
    one_of(SENT, ENDED),  # after IDLE
    one_of(HEAD, ENDED),  # after SENT
    one_of(BODY, DONE, TUNNEL, ENDED),  # after HEAD
    one_of(DONE, ENDED),  # after BODY
    one_of(IDLE, ENDED),  # after DONE
    one_of(ENDED),  # after TUNNEL
    one_of(),  # after ENDED
)
