"""Every key of the policy, in one table: it decodes the file, makes the JSON Schema, and is the reference (`docs/policy.md`)."""

from dataclasses import replace

from .addresses import domain, host, networks, sender
from .origins import Origins
from .scalars import DAY, label, prefix, whole_seconds
from .tokens import method, method_or_any, request_header, response_header
from .types import Field, Keys, Many, OffOr, RouteList, Text, words
from .values import (
    BOOLEAN,
    DANGER,
    DURATION,
    EMPTY_LIST,
    FILE,
    HEADERS,
    HOSTS,
    LISTEN,
    MODE,
    PATH,
    UPSTREAM,
    UPSTREAM_HOST,
    count,
    octets,
    seconds,
    version,
)

PREFLIGHT = Keys(
    (
        Field("status", count(200, 299), "204", "The status of an allowed preflight."),
        Field(
            "list",
            words("asked", "full"),
            "`asked`",
            "What a preflight's answer lists: `asked` names what was asked for (minimal disclosure), `full` everything that is allowed"
            ' (fewer preflights). Under `"*"`, `full` too names what was asked.',
        ),
        Field(
            "refusal",
            words("readable", "bare"),
            "`readable`",
            "What an allowed origin gets that asks for a method or a header too much. `readable`: the status of a success with what passed,"
            " and without what did not, so that the browser's console names it, and `CORS-Proxy-Reason`. `bare`: a 403 that tells nothing,"
            " also under `server.debug`. The request itself is sent in neither case; and everybody else gets the 403 always.",
        ),
    ),
    "a mapping such as {status: 204, list: asked, refusal: readable}",
)

CORS = Keys(
    (
        Field(
            "origins",
            Origins('`"*"`, or a list of origins and patterns', star=True, files=True, empty=EMPTY_LIST),
            "nobody",
            'Who may read: `"*"`, or a list of origins, patterns, `null` and `{file: path}`.'
            " A file holds one entry a line; blank lines and lines that begin with `#` are fine.",
        ),
        Field(
            "accept_from",
            Origins("a list of origins and patterns"),
            "none",
            "Origins and patterns that may send here (a form_post, a payment's way back) but never read: forwarded without a grant,"
            " whatever the method."
            " They pass no preflight and open no socket.",
        ),
        Field(
            "methods",
            Many(Text(method_or_any, "methods"), "a list of methods", empty="lets nothing pass"),
            'GET, HEAD, POST; under `origins: "*"` GET, HEAD',
            'The whole list; real requests with an Origin are held to it. `"*"` is every method that the edge carries.',
        ),
        Field(
            "headers",
            Many(Text(request_header, "header names"), HEADERS),
            "none",
            'Request headers beyond the safelisted ones. `"*"` is any, but these must be named beside it: `Authorization`; and those by'
            " which frameworks take another path or method than the one that was judged: `X-Original-URL`, `X-Rewrite-URL`,"
            " `X-HTTP-Method-Override`, `X-HTTP-Method`, `X-Method-Override`.",
        ),
        Field(
            "expose",
            Many(Text(response_header, "header names"), HEADERS),
            "none",
            'Response headers that a page may read. `"*"` is all, spelled out name by name when credentials are on.',
        ),
        Field("credentials", BOOLEAN, "false", "Whether pages may send cookies and HTTP authentication."),
        Field(
            "max_age",
            Text(
                lambda text: whole_seconds(text, 0, DAY),
                "a duration such as 30s, 10m or 2h, up to 24h",
                {
                    "anyOf": [
                        {"type": "integer", "minimum": 0, "maximum": DAY},
                        {"type": "string", "pattern": DURATION},
                    ]
                },
            ),
            "10m",
            "How long a browser may keep a preflight's answer, up to 24h; 0 sends `Access-Control-Max-Age: 0`.",
        ),
        Field(
            "preflight",
            PREFLIGHT,
            "{status: 204, list: asked, refusal: readable}",
            "The form of a preflight's answer; one key, inherited whole.",
        ),
        Field(
            "private_network",
            BOOLEAN,
            "false",
            "Whether pages of a public network may call a private one; answered only when asked.",
        ),
        Field(
            "timing",
            Origins('`"*"`, or a list of exact origins', star=True, patterns=False),
            "none",
            '`Timing-Allow-Origin`: `"*"` or a list of origins.',
        ),
        Field(
            "resource_policy",
            words("same-origin", "same-site", "cross-origin"),
            "none",
            "`Cross-Origin-Resource-Policy`, where the upstream sent none.",
        ),
        Field(
            "without_origin",
            words("allow", "fetch-metadata", "deny"),
            "`fetch-metadata`",
            "Requests that carry no Origin: all are forwarded, those that are unsafe and cross-site by `Sec-Fetch-Site` are refused,"
            " or all are.",
        ),
        Field(
            "websocket",
            words("allow", "deny"),
            "`allow`",
            "WebSocket handshakes: judged by their Origin, or all refused.",
        ),
    ),
    "a mapping of cors keys",
)

EMAIL = Keys(
    (
        Field(
            "senders",
            Many(
                Text(sender, "an address such as news@shop.example, or *@shop.example"),
                "a list of addresses",
                empty="lets nobody write",
            ),
            "[news@shop.example]",
            "Addresses, or `*@example.com`. The domain's letter case does not matter, the rest is exact.",
            required=True,
        ),
    ),
    "a mapping such as {senders: [news@shop.example]}",
)

AMP = Keys(
    (
        Field(
            "publisher",
            Origins("a list of https origins", patterns=False, https=True, empty=EMPTY_LIST),
            "this or `email`, not both",
            "An https origin, or a list of them; the origins of its pages in the AMP caches are derived."
            " With several, a request without Origin is granted to the first.",
        ),
        Field(
            "caches",
            Many(Text(domain, "a domain such as cdn.ampproject.org"), "a list of cache domains"),
            "the shipped snapshot of caches.json, and `bing-amp.com`",
            "The domains of the AMP caches.",
        ),
        Field(
            "source_origin",
            words("strip", "keep", "check"),
            "`strip`",
            "`__amp_source_origin` in the query: removed before forwarding, kept, or"
            " (where present) compared with the publishers and kept.",
        ),
        Field("email", EMAIL, "none", "AMP for Email, both versions."),
    ),
    "a mapping such as {publisher: https://example.com}",
)

LIMITS = Keys(
    (
        Field("header_bytes", octets(256, 16 << 20), "16KiB", "The whole head of a request; beyond it 431."),
        Field("header_count", count(1, 10_000), "100", "Header lines of a request; beyond it 431."),
        Field("body_bytes", octets(0, 1 << 50), "0", "The body of a request; beyond it 413. 0 is no limit."),
        Field(
            "minimum_rate",
            octets(0, 1 << 30),
            "100",
            "Bytes a second that an upload has to bring while it holds a connection to the upstream, averaged over `timeouts.body_idle`;"
            " below it 408. Time in which the proxy or the upstream takes nothing does not count. A body whose `Content-Length` is below"
            " one such window is not measured, but has to be whole after four. 0 is no limit.",
        ),
        Field(
            "connections",
            count(1),
            "10000",
            "Client connections of a worker; beyond it new ones wait, then are closed.",
        ),
        Field(
            "upstream_connections",
            count(1),
            "256",
            "Connections to an upstream, busy and idle, of a worker. A request waits `timeouts.connect` for a place, then 503."
            " Tunnels do not count.",
        ),
    )
)

TIMEOUTS = Keys(
    (
        Field("connect", seconds(), "5s", "Connecting to an upstream, and waiting for a place in its pool."),
        Field("request_header", seconds(), "10s", "First byte of a head to its end."),
        Field(
            "body_idle",
            seconds(),
            "30s",
            "Between bytes of a request body, only while the proxy waits for the client.",
        ),
        Field("response", seconds(), "60s", "End of the request to the response's head; then 504."),
        Field(
            "response_idle",
            seconds(0),
            "5m",
            "Between bytes of a response body; then a visible truncation. 0 is never.",
        ),
        Field(
            "write_idle",
            seconds(),
            "30s",
            "A client, or the upstream of a WebSocket, that takes nothing of what is there for it.",
        ),
        Field("keep_alive", seconds(), "75s", "Idle client connections."),
        Field("upstream_keep_alive", seconds(), "15s", "Idle upstream connections."),
        Field("tunnel_idle", seconds(), "1h", "No byte of a WebSocket in either direction."),
    )
)


def _of_route(keys: Keys, home: str, *elsewhere: str) -> Keys:
    """Those of the server's keys that may be set on a route."""
    own = (replace(one, default="inherited") for one in keys.fields if one.key not in elsewhere)
    return Keys(tuple(own), elsewhere=elsewhere, home=home)


ROUTE_LIMITS = _of_route(
    LIMITS, "server.limits", "header_bytes", "header_count", "connections", "upstream_connections"
)
ROUTE_TIMEOUTS = _of_route(TIMEOUTS, "server.timeouts", "request_header", "keep_alive", "upstream_keep_alive")

ROUTE = Keys(
    (
        Field(
            "path",
            PATH,
            "/api/**",
            "The paths of this route: `*` is one segment, `**` the rest and the bare prefix; a final slash may follow.",
            required=True,
        ),
        Field(
            "name",
            Text(label, "a name"),
            "the path",
            "The route's label in logs and metrics. Written names are unique; unnamed routes with one path share it.",
        ),
        Field(
            "method",
            Many(Text(method, "a method"), "a list of methods", empty="fits no request"),
            "any",
            "A preflight is matched by the method that it asks for.",
        ),
        Field("host", HOSTS, "any", "As in `hosts`."),
        Field("upstream", UPSTREAM, "inherited", "Where this route's requests go."),
        Field("upstream_host", UPSTREAM_HOST, "inherited", "The Host that the upstream gets."),
        Field("mode", MODE, "inherited", "As at the top; `report` not with `cors: off`."),
        Field(
            "strip_prefix",
            Text(prefix, "a path such as /legacy"),
            "none",
            "A prefix of `path`, taken off before forwarding; the upstream gets it as `X-Forwarded-Prefix`.",
        ),
        Field(
            "cors",
            OffOr(CORS),
            "inherited",
            "A key that is not set here is inherited; lists are replaced, never merged. `off` is hands off: nothing is judged, and the"
            " upstream's own CORS headers pass.",
        ),
        Field("amp", AMP, "none", "An AMP route takes no inherited `origins`; not with `cors: off`."),
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
            Many(DANGER, "a list of words"),
            "inherited",
            "Here only `encoded-slashes`, `empty-segments` and `path-variants`.",
        ),
    ),
    "a mapping such as {path: /api/**}",
)

ADMIN = Keys(
    (
        Field("listen", LISTEN, "127.0.0.1:9901", "The address."),
        Field("hosts", HOSTS, "none", "Names that are accepted as Host, beside localhost and IP literals."),
    ),
    "a mapping such as {listen: 127.0.0.1:9901, hosts: [admin.example]}",
)

TLS = Keys(
    (
        Field("certificate", FILE, "/tls/tls.crt", "The certificate chain, PEM.", required=True),
        Field("key", FILE, "/tls/tls.key", "Its private key, PEM.", required=True),
    ),
    "a mapping such as {certificate: /tls/tls.crt, key: /tls/tls.key}",
)

UPSTREAM_TLS = Keys(
    (
        Field(
            "ca",
            FILE,
            "the system's",
            "The authorities that the upstream's certificate is checked against, PEM.",
        ),
        Field("certificate", FILE, "none", "A client certificate, PEM; with `key`."),
        Field("key", FILE, "none", "Its private key, PEM."),
        Field(
            "server_name",
            Text(host, "a host name"),
            "the upstream's name",
            "The name that is asked for and checked.",
        ),
        Field("verify", BOOLEAN, "true", "Whether the upstream's certificate is checked."),
    )
)

DRAIN = Keys(
    (
        Field("delay", seconds(0), "0s", "Between not ready and not accepting."),
        Field("timeout", seconds(0), "30s", "For what is in flight; then it is cut."),
    )
)

SERVER = Keys(
    (
        Field("workers", count(1, 256), "1", "Processes.", reload=False),
        Field(
            "tls",
            TLS,
            "none",
            "Certificate and key of the edge; reloaded, also when their content changes. To add or remove TLS takes a restart.",
        ),
        Field("upstream_tls", UPSTREAM_TLS, "system CAs, verify true", "TLS toward https upstreams."),
        Field(
            "trusted_proxies",
            Many(Text(networks, "a network, an address, or `private`"), "a list of networks"),
            "none",
            "Whose `X-Forwarded-*` is believed and extended; everyone else's is replaced."
            " `private` is RFC 1918, RFC 4193, loopback and link-local.",
        ),
        Field("limits", LIMITS, "by key", "Bounds; those of request bodies may be set on a route too."),
        Field(
            "timeouts",
            TIMEOUTS,
            "by key",
            "Durations: seconds, or a number with `s`, `m` or `h`. Those of one exchange may be set on a route too.",
        ),
        Field("drain", DRAIN, "{delay: 0s, timeout: 30s}", "How the proxy leaves."),
        Field("access_log", words("json", "text", "off"), "`json`", "One line for each request, on stdout."),
        Field(
            "debug",
            BOOLEAN,
            "false",
            "Adds `CORS-Proxy-Reason` and `CORS-Proxy-Rule` (the line of the policy) to every refusal.",
        ),
    )
)

POLICY = Keys(
    (
        Field(
            "version", Text(version, "1", {"enum": [1, "1"]}), "1", "The grammar of this file.", required=True
        ),
        Field(
            "listen",
            LISTEN,
            "127.0.0.1:8080",
            "Where traffic comes in: `host:port`, `[::]:port` or `unix:/path`.",
            reload=False,
        ),
        Field(
            "admin",
            OffOr(LISTEN, ADMIN),
            "127.0.0.1:9901",
            "Health, metrics and the admin page.",
            reload=False,
        ),
        Field(
            "upstream",
            UPSTREAM,
            "http://localhost:3000",
            "The API: `http://`, `https://` or `unix:/path`. A base path is kept.",
            required=True,
        ),
        Field(
            "upstream_host",
            UPSTREAM_HOST,
            "`preserve`",
            "The Host that the upstream gets: the client's, or its own name.",
        ),
        Field(
            "hosts",
            HOSTS,
            "any one valid Host",
            "Host allowlist against DNS rebinding: other Hosts get 421. A name alone fits any port; with a port exactly that."
            " Letter case does not matter, a trailing dot does. IP literals always pass.",
        ),
        Field(
            "self_origins",
            Origins("a list of exact origins", patterns=False, empty="leaves the API no origin of its own"),
            "derived from Host",
            "What browsers call this API; never refused for its origin.",
        ),
        Field(
            "mode",
            MODE,
            "`enforce`",
            "`enforce`: as decided. `headers`: requests that would be refused are forwarded without a grant."
            " `report`: nothing is changed, only logged.",
        ),
        Field(
            "cors",
            CORS,
            "no foreign origin is allowed",
            "The defaults of every route, and the policy of paths without one.",
        ),
        Field("routes", RouteList(ROUTE), "none", "The first route that fits decides."),
        Field("server", SERVER, "by key", "The machine around the decisions."),
        Field(
            "dangerously_allow",
            Many(DANGER, "a list of words"),
            "none",
            "Lifts what it names: `insecure-origins` (http origins with credentials), `public-suffix-wildcards`,"
            " `encoded-slashes`, `empty-segments`, `path-variants`.",
        ),
    )
)
