"""What of a policy an engine has to carry: the headers of grants, and where requests go."""

from typing import Final

from ..cors.names import HOP_BY_HOP, READABLE_ANYWAY, UNREADABLE
from ..cors.spec import CorsSpec, RouteSpec
from ..policy.model import Policy

# What a grant can consist of, beside Vary and Cross-Origin-Resource-Policy.
GRANT: Final = (
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Expose-Headers",
)
# What `expose: "*"` with credentials does not name.
UNEXPOSED: Final = tuple(sorted(name.decode("ascii") for name in READABLE_ANYWAY | UNREADABLE | HOP_BY_HOP))
LUA_UNEXPOSED: Final = ", ".join(f'["{name}"] = true' for name in UNEXPOSED)
# Only in the answer to a preflight.
PREFLIGHT: Final = (
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Private-Network",
    "Access-Control-Max-Age",
)
AMP: Final = ("AMP-Access-Control-Allow-Source-Origin", "AMP-Email-Allow-Sender")
TIMING: Final = "Timing-Allow-Origin"
ACTIVATE: Final = "Activate-Storage-Access"
# Headers in which a client could claim something of its connection.  The API gets X-Forwarded-For, -Host
# and -Proto from the engine.
_CLAIMS: Final = (
    "Forwarded",
    "X-Real-IP",
    "X-Forwarded-Prefix",
    "X-Forwarded-Port",
    "X-Forwarded-Server",
    "X-Forwarded-By",
    "X-Forwarded-Ssl",
    "X-Forwarded-Scheme",
    "X-Forwarded-Protocol",
)
# In an ask: Content-Length or Transfer-Encoding of the client.
BODY: Final = "CORS-Proxy-Body"
# What a request is refused with, beside 403.
_REFUSED: Final = (400, 405, 408, 413, 421, 431, 505)
# What a grant can add to Vary.
VARY: Final = (
    "Origin",
    "AMP-Same-Origin",
    "AMP-Email-Sender",
    "Sec-Fetch-Site",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Dest",
    "Sec-Purpose",
    "Sec-Fetch-Storage-Access",
    "Access-Control-Request-Method",
    "Access-Control-Request-Headers",
    "Access-Control-Request-Private-Network",
)


def claims(policy: Policy) -> tuple[str, ...]:
    """Those that do not pass on.  With `trusted_proxies` another proxy may have sent them."""
    return () if policy.server.trusted_proxies else _CLAIMS


class Uses:
    """Which of these a policy uses."""

    def __init__(self, policy: Policy) -> None:
        self.routes: tuple[RouteSpec, ...] = (*policy.spec.routes, policy.spec.default)
        self._checked = [(route, route.cors) for route in self.routes if route.cors is not None]
        self.amp = any(route.amp is not None for route in self.routes)
        self.timing = any(cors.timing for _, cors in self._checked)
        self.storage_access = any(cors.storage_access == "retry" for _, cors in self._checked)
        self.hands_off = [route for route in self.routes if route.cors is None or route.mode == "report"]

    @property
    def statuses(self) -> list[int]:
        """What is not forwarded is answered with one of these, or with 403."""
        return [*sorted({cors.preflight_status for _, cors in self._checked}), *_REFUSED]

    @property
    def conditional(self) -> list[str]:
        """The names that are removed from the responses of some routes, and pass on others."""
        return [
            *(AMP if self.amp else ()),
            *((TIMING,) if self.timing else ()),
            *((ACTIVATE,) if self.storage_access else ()),
        ]

    def exposing_all(self) -> list[tuple[RouteSpec, CorsSpec]]:
        """The routes where every response names the headers that it carries."""
        return [(route, cors) for route, cors in self._checked if cors.expose_any and cors.credentials]
