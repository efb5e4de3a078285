"""What an engine cannot carry of requests and responses, whatever the policy says about them.

None of it lets a request pass that the policy refuses: where one reaches the API changed, the changed
one was decided about."""

from typing import Final

from .names import CADDY, ENVOY_GRPC, ENVOYS, NGINX, TRAEFIK

# The keys of these losses; each is shown by an exchange in tests/engines/exchanges.py.
CONNECTION: Final = "Connection"
CONNECTION_PASSES: Final = "Connection passes"
EARLY_HINTS: Final = "early hints"
HANDSHAKES: Final = "handshakes with a body"
JOINED: Final = "joined lines"
STAR: Final = "OPTIONS *"
TWO_UPGRADES: Final = "two Upgrade lines"
UNKNOWN: Final = "unknown CORS headers"
UPLOADS: Final = "refused uploads"
VARY: Final = "Vary"

# By key: the engines, and what it means for pages and for attackers.
Entry = tuple[str, tuple[str, ...], str]
# Where requests are refused.
ENFORCED: Final[tuple[Entry, ...]] = (
    (
        CONNECTION,
        (*ENVOYS, CADDY, TRAEFIK),
        "headers that Connection names are removed before the ask: a request with `Connection: Origin` is"
        " decided about without its Origin, and the API does not get it either. No page can send Connection,"
        " and a client without a browser can leave out its Origin anyway",
    ),
    (
        TWO_UPGRADES,
        (NGINX, CADDY, TRAEFIK),
        "of two Upgrade lines the first alone is decided about, and the API gets it alone: 101 instead of"
        " 400. No page can send two",
    ),
    (
        HANDSHAKES,
        ENVOYS,
        "a handshake with a body in chunks reaches the API without that body, instead of 400. No page can"
        " send one",
    ),
    (
        CONNECTION_PASSES,
        (NGINX,),
        "headers that Connection names reach the API, after the decision about all of them. No page can send"
        " Connection",
    ),
    (
        UPLOADS,
        (NGINX,),
        "the client of a refused upload that waits for 100 Continue gets it before the refusal, and sends"
        " the body in vain. No browser waits for it",
    ),
    (
        UPLOADS,
        (CADDY,),
        "a refusal is sent when 256 KB of the body have come, or all of it, unless you set"
        " `servers { enable_full_duplex }`. Browsers send it anyway",
    ),
)
# Wherever the policy changes responses.
GRANTED: Final[tuple[Entry, ...]] = (
    (
        UNKNOWN,
        (NGINX,),
        "names of the API that begin with Access-Control-, and that no standard has, pass. No browser reads"
        " them",
    ),
    (
        VARY,
        (CADDY, ENVOY_GRPC),
        "Vary may name a header that the API named already, or one beside `*`. It means the same",
    ),
)
# On routes where the API's own lines pass.
HANDS_OFF: Final[tuple[Entry, ...]] = (
    (JOINED, ENVOYS, "several CORS lines of one name become one line. Browsers join them too"),
)
ALWAYS: Final[tuple[Entry, ...]] = (
    (
        EARLY_HINTS,
        (NGINX,),
        "a 103 of the API is taken for its response, so the page gets neither the final one nor the grant."
        " Let the API send none",
    ),
    (STAR, (CADDY, TRAEFIK), "it answers `OPTIONS *` with 200 itself. That reaches and grants nothing"),
)
