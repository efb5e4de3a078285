"""The keys of a policy and of a route.

The table decodes a policy, makes its JSON Schema, and is the reference (docs/policy.md).
"""

from dataclasses import replace

from . import schema_patterns
from .assertions import ASSERTIONS
from .cors_fields import AMP, CORS
from .mappings import Field, MappingOf, OrOff, RouteList, key_homes
from .model import DEFAULT_ADMIN, DEFAULT_LISTEN
from .origins import OriginList
from .scalars import parse_label, parse_prefix
from .server_fields import ADMIN, DECIDE, LIMITS, SERVER, TIMEOUTS
from .tokens import parse_method
from .types import ListOf, Scalar
from .values import (
    BOOLEAN,
    DANGER,
    DEFAULT_MODE,
    DEFAULT_UPSTREAM_HOST,
    DEFAULT_UPSTREAM_ORIGIN,
    HOSTS,
    LISTEN,
    MODE,
    PATH,
    UPSTREAM,
    UPSTREAM_HOST,
    UPSTREAM_ORIGIN,
    parse_version,
)


def _for_route(server: MappingOf, home: str, *misplaced: str) -> MappingOf:
    """The keys of the server's mapping `home` that a route may set: all except `misplaced`."""
    fields = (replace(field, default="inherited") for field in server.fields if field.key not in misplaced)
    return MappingOf(tuple(fields), misplaced=misplaced, home=home)


ROUTE_LIMITS = _for_route(
    LIMITS,
    "server.limits",
    "header_bytes",
    "header_count",
    "connections",
    "upstream_connections",
    "upstream_connection_age",
)
ROUTE_TIMEOUTS = _for_route(
    TIMEOUTS, "server.timeouts", "request_header", "keep_alive", "upstream_keep_alive"
)

ROUTE = MappingOf(
    (
        Field(
            "path",
            PATH,
            "/api/**",
            "The paths of this route. `*` matches one segment; `/**` at the end matches the path before it"
            " and everything below. Each path also matches with one trailing slash.",
            required=True,
        ),
        Field(
            "name",
            Scalar(parse_label, "a name", schema_patterns.LABEL),
            "the path",
            "The route's name in logs and metrics. No two routes may set the same name; routes that set"
            " none and have the same path share it.",
        ),
        Field(
            "method",
            ListOf(
                Scalar(parse_method, "a method", schema_patterns.METHOD),
                "a list of methods",
                empty="would match no request",
            ),
            "any",
            "The methods of this route. A preflight matches by the method that it asks for.",
        ),
        Field("host", HOSTS, "any", "The hosts of this route, as in `hosts`."),
        Field("upstream", UPSTREAM, "inherited", "Where this route's requests go."),
        Field("upstream_host", UPSTREAM_HOST, "inherited", "The Host that the upstream gets."),
        Field("upstream_origin", UPSTREAM_ORIGIN, "inherited", "The Origin that the upstream gets."),
        Field("mode", MODE, "inherited", "As at the top level; `report` cannot be set with `cors: off`."),
        Field(
            "strip_prefix",
            Scalar(parse_prefix, "a path such as /legacy", schema_patterns.PREFIX),
            "none",
            "A prefix of `path` that is removed before forwarding; the upstream gets it as"
            " `X-Forwarded-Prefix`.",
        ),
        Field(
            "rewrite_location",
            BOOLEAN,
            "inherited",
            "Whether `Location` and `Content-Location` get the removed prefix back.",
        ),
        Field(
            "cors",
            OrOff(CORS),
            "inherited",
            "A key that is not set here is inherited; a list replaces the inherited one. `off` checks"
            " nothing, and forwards the upstream's own CORS headers.",
        ),
        Field(
            "amp", AMP, "none", "An AMP route does not inherit `origins`. It cannot be set with `cors: off`."
        ),
        Field(
            "limits",
            ROUTE_LIMITS,
            "inherited",
            "As in `server.limits`, for this route; a key that is not set here is inherited.",
        ),
        Field(
            "timeouts",
            ROUTE_TIMEOUTS,
            "inherited",
            "As in `server.timeouts`, for this route; a key that is not set here is inherited.",
        ),
        Field(
            "dangerously_allow",
            ListOf(DANGER, "a list of words"),
            "inherited",
            "Here only `encoded-slashes`, `empty-segments` and `path-variants`.",
        ),
    ),
    "a mapping such as {path: /api/**}",
)

POLICY = MappingOf(
    (
        Field(
            "version",
            Scalar(parse_version, "1", {"enum": [1, "1"]}),
            "1",
            "The version of the policy format.",
            required=True,
        ),
        Field(
            "listen",
            LISTEN,
            str(DEFAULT_LISTEN),
            "Where clients connect: `host:port`, `[::]:port`, `unix:/path`, or `unix:/path?mode=0660` for the"
            " mode of the socket file. `localhost:port` is both 127.0.0.1 and [::1].",
            reloadable=False,
        ),
        Field(
            "admin",
            OrOff(LISTEN, ADMIN),
            str(DEFAULT_ADMIN),
            "Where health, metrics and the admin page are served.",
            reloadable=False,
        ),
        Field(
            "upstream",
            UPSTREAM,
            "http://localhost:3000",
            "The API: `http://`, `https://` or `unix:/path`. A base path is put before each request's path."
            " A list names several servers of one API, with the same scheme and base path. A name stands"
            " for all its addresses. Requests are spread over all addresses. Without it nothing is"
            " forwarded, and only `decide` listens.",
            required=True,
            unless="decide",
        ),
        Field(
            "upstream_host",
            UPSTREAM_HOST,
            f"`{DEFAULT_UPSTREAM_HOST}`",
            "The Host that the upstream gets: `preserve` is the client's, `upstream` is its own name, in a"
            " list that of the entry which is used.",
        ),
        Field(
            "upstream_origin",
            UPSTREAM_ORIGIN,
            f"`{DEFAULT_UPSTREAM_ORIGIN}`",
            "The Origin that the upstream gets, for APIs that check it themselves. It acts only on requests,"
            " WebSockets too, whose origin the policy allows, in mode `enforce`; all others keep the"
            " client's. `remove` sends none. `own` sends the API's own: the scheme of"
            " `X-Forwarded-Proto` and the Host that the upstream gets. The access log shows the client's.",
        ),
        Field(
            "rewrite_location",
            BOOLEAN,
            "false",
            "Whether `Location` and `Content-Location` of responses are rewritten where they are a path or"
            " name the API: the base path of `upstream` is removed, the prefix that `strip_prefix` removed"
            " is put before, and the upstream's own name is left out. Other references stay.",
        ),
        Field(
            "hosts",
            HOSTS,
            "any one valid Host",
            "The allowed Hosts, against DNS rebinding; others get 421. A name without a port matches any"
            " port, a name with a port only that one. `*.example.com` is every name below example.com,"
            " and not that name itself; it makes no own origin unless the browser says `same-origin`."
            " Letter case does not matter; a trailing dot does. IP literals are always allowed.",
        ),
        Field(
            "self_origins",
            OriginList(
                "a list of exact origins", patterns=False, empty="would leave the API without its own origin"
            ),
            "derived from Host",
            "The API's own origins, as browsers see them; they are never refused for their origin.",
        ),
        Field(
            "mode",
            MODE,
            f"`{DEFAULT_MODE}`",
            "`enforce` refuses what the policy does not allow. `headers` forwards such requests without"
            " CORS headers. `report` changes nothing and only logs.",
        ),
        Field(
            "cors",
            CORS,
            "no foreign origin is allowed",
            "What every route inherits, and the policy of paths without a route.",
        ),
        Field("routes", RouteList(ROUTE), "none", "The first route that matches decides."),
        Field(
            "assert",
            ASSERTIONS,
            "none",
            "What the policy must never allow, and what always: each entry has one of the keys below. A"
            " policy that breaks one of its assertions is refused.",
        ),
        Field("server", SERVER, "by key", "Listener, limits, timeouts, logging."),
        Field(
            "decide",
            DECIDE,
            "none",
            "A listener for nginx, HAProxy, Envoy and others: they ask it what this policy says about a"
            " request, and forward the request themselves.",
        ),
        Field(
            "dangerously_allow",
            ListOf(DANGER, "a list of words"),
            "none",
            "Turns off the checks that it names: `insecure-origins` (http origins with credentials),"
            " `public-suffix-wildcards`, `encoded-slashes`, `empty-segments`, `path-variants`.",
        ),
    )
)

KEY_HOMES = key_homes(POLICY)
