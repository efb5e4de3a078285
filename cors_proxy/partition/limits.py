"""How far the search goes.  It never samples: beyond a limit it gives up, and says so."""

from typing import Final

PATHS: Final = 200_000  # states of the walk through all route paths
LABELS: Final = 20_000  # first labels of hosts, from patterns such as https://pr-*.example.com
LISTINGS: Final = 64  # sets of feeds that can list one origin: six feeds that meet
LISTED: Final = 500_000  # origins in all lists with a feed, where feeds list each that is told apart
REQUESTS: Final = 20_000_000  # of one comparison


class TooManyError(Exception):
    """The policies need more requests than a limit allows.  The message says what there is too
    many of."""
