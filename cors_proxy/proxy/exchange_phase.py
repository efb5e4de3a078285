"""The phases of an exchange: its two sides have their own, since a response may come before the
request is whole.

request    idle -> waiting -> sending -> sent       and back, where the connection was dead
             |----------------^                     an idle connection was there
response   awaited -> body -> done
              |----> switched                       a 101

`closed` may follow each of them."""

from typing import Final

from .phase import one_of

# The request's side.
IDLE: Final = 0  # nothing was done yet
WAITING: Final = 1  # for a connection
SENDING: Final = 2  # a connection is taken, and some of the request is still to come or to be sent
SENT: Final = 3  # all of it was handed to the connection
# The response's side.
AWAITED: Final = 4  # no final head has come
BODY: Final = 5  # the final head was passed on
DONE: Final = 6  # the whole response was passed on
SWITCHED: Final = 7  # by a 101: a tunnel has the connections
# Of both.
CLOSED: Final = 8  # the exchange was given up
NAMES: Final[tuple[str, ...]] = (
    "idle",
    "waiting",
    "sending",
    "sent",
    "awaited",
    "body",
    "done",
    "switched",
    "closed",
)
NEXT: Final[tuple[int, ...]] = (
    one_of(WAITING, SENDING, CLOSED),  # after IDLE
    one_of(SENDING, CLOSED),  # after WAITING
    one_of(SENT, WAITING, CLOSED),  # after SENDING: waiting, where the connection was dead
    one_of(SENDING, WAITING, CLOSED),  # after SENT: the same
    one_of(BODY, SWITCHED, CLOSED),  # after AWAITED
    one_of(DONE, CLOSED),  # after BODY
    # After DONE and SWITCHED: by a bug alone, which has to end somehow.
    one_of(CLOSED),
    one_of(CLOSED),
    one_of(),  # after CLOSED
)
