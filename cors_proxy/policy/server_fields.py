"""The keys of `server`, `admin` and `decide`."""

from . import schema_patterns
from .addresses import parse_balancers, parse_collector, parse_host, parse_networks
from .mappings import Field, MappingOf
from .model import DEFAULT_ADMIN, Address, Decide, Limits, Server, Timeouts, Tracing, UpstreamTls
from .scalars import parse_label, parse_share, show_duration, show_size
from .types import ListOf, Scalar, one_of
from .values import BOOLEAN, FILE, HOSTS, LISTEN, byte_size, duration, integer

_SERVER, _LIMITS, _TIMEOUTS, _DECIDE = Server(), Limits(), Timeouts(), Decide(Address())
DRAIN_DELAY, DRAIN_TIMEOUT = show_duration(_SERVER.drain_delay), show_duration(_SERVER.drain_timeout)

LIMITS = MappingOf(
    (
        Field(
            "header_bytes",
            byte_size(256, 16 << 20),
            show_size(_LIMITS.header_bytes),
            "The request line and headers of a request, together; more is answered with 431.",
        ),
        Field(
            "header_count",
            integer(1, 10_000),
            str(_LIMITS.header_count),
            "Header lines of a request; more are answered with 431.",
        ),
        Field(
            "body_bytes",
            byte_size(0, 1 << 50),
            show_size(_LIMITS.body_bytes),
            "The body of a request; more is answered with 413. 0 is no limit.",
        ),
        Field(
            "minimum_rate",
            byte_size(0, 1 << 30),
            show_size(_LIMITS.minimum_rate),
            "The bytes per second that an upload must send while it uses a connection to the upstream,"
            " averaged over `timeouts.body_idle`; less is answered with 408. Time in which the proxy or"
            " the upstream reads nothing does not count. A body whose `Content-Length` is less than one"
            " such period must send is not measured, but must be complete after four periods."
            " 0 is no limit.",
        ),
        Field(
            "connections",
            integer(1),
            str(_LIMITS.connections),
            "Client connections of each worker. Further ones wait, and are closed if none ends in time.",
        ),
        Field(
            "upstream_connections",
            integer(1),
            str(_LIMITS.upstream_connections),
            "Connections of each worker to one upstream, to all its addresses together, busy and idle. If"
            " all are busy, a request waits"
            " for `timeouts.connect` and is then answered with 503. WebSockets do not count.",
        ),
        Field(
            "upstream_connection_age",
            duration(0),
            show_duration(_LIMITS.upstream_connection_age),
            "The age at which a connection to an upstream ends, after its current request. 0 is no limit.",
        ),
    )
)

TIMEOUTS = MappingOf(
    (
        Field(
            "connect",
            duration(),
            show_duration(_TIMEOUTS.connect),
            "To connect to an upstream, over all addresses that are tried for a request together, or to wait"
            " for a free connection to it.",
        ),
        Field(
            "request_header",
            duration(),
            show_duration(_TIMEOUTS.request_header),
            "From the first byte of a request to the end of its headers.",
        ),
        Field(
            "body_idle",
            duration(),
            show_duration(_TIMEOUTS.body_idle),
            "Between two bytes of a request body, while the proxy waits for the client.",
        ),
        Field(
            "response",
            duration(),
            show_duration(_TIMEOUTS.response),
            "From the end of a request to the end of the response's headers; then 504.",
        ),
        Field(
            "response_idle",
            duration(0),
            show_duration(_TIMEOUTS.response_idle),
            "Between two bytes of a response body; then the response ends with an error that the client"
            " can see. 0 is no limit.",
        ),
        Field(
            "write_idle",
            duration(),
            show_duration(_TIMEOUTS.write_idle),
            "While a client, or the upstream of a WebSocket, reads nothing of what is sent to it.",
        ),
        Field("keep_alive", duration(), show_duration(_TIMEOUTS.keep_alive), "Idle client connections."),
        Field(
            "upstream_keep_alive",
            duration(),
            show_duration(_TIMEOUTS.upstream_keep_alive),
            "Idle connections to an upstream. If the upstream sends `Keep-Alive: timeout=N`, N minus one"
            " second counts where that is shorter. It must be shorter than the upstream's own timeout.",
        ),
        Field(
            "tunnel_idle",
            duration(),
            show_duration(_TIMEOUTS.tunnel_idle),
            "A WebSocket without a byte in either direction.",
        ),
    )
)

ADMIN = MappingOf(
    (
        Field("listen", LISTEN, str(DEFAULT_ADMIN), "The address of the admin listener."),
        Field("hosts", HOSTS, "none", "Names that Host may have, beside localhost and IP literals."),
    ),
    "a mapping such as {listen: 127.0.0.1:9901, hosts: [admin.example]}",
)

DECIDE = MappingOf(
    (
        Field(
            "listen",
            LISTEN,
            "127.0.0.1:9902",
            "The address where engines ask. It speaks plain HTTP/1.1, or gRPC over plain HTTP/2.",
            required=True,
            reloadable=False,
        ),
        Field(
            "dialect",
            one_of("mirror", "forwarded", "grpc"),
            f"`{_DECIDE.dialect}`",
            "`mirror`: an ask is the client's request without its body. 200 means forward; every other"
            " response is for the client, and a preflight is answered with 204. `forwarded`: an ask is"
            " a request of the engine, and `headers` describe the client's request. Any 2xx means"
            " forward; else the response is 403, and `CORS-Proxy-Status` is the status for the client."
            " `grpc`: Envoy's `ext_authz` and `ext_proc`; it needs the extra `grpc`, and changing it"
            " needs a restart.",
        ),
        Field(
            "headers",
            one_of("x-forwarded", "x-original"),
            f"`{_DECIDE.headers}`",
            "Only for `forwarded`: the headers that describe the client's request. The engine must set"
            " each one exactly once and replace what the client sent. `x-forwarded`:"
            " `X-Forwarded-Method`, `X-Forwarded-Host` and `X-Forwarded-Uri`. `x-original`:"
            " `X-Original-Method`, `X-Original-URI` and `Host`.",
        ),
        Field(
            "trust",
            ListOf(
                Scalar(parse_networks, "a network, an address, or `private`", schema_patterns.NETWORK),
                "a list of networks",
                empty="would refuse every ask",
            ),
            "127.0.0.0/8, ::1",
            "Who may ask; all others get 403. The peer of a Unix socket counts as 127.0.0.1. The last"
            " address in `X-Forwarded-For` that is in neither list, `trust` nor"
            " `server.trusted_proxies`, is the client's in the log.",
        ),
    ),
    "a mapping such as {listen: 127.0.0.1:9902}",
)

TLS = MappingOf(
    (
        Field("certificate", FILE, "/tls/tls.crt", "The certificate chain (PEM).", required=True),
        Field("key", FILE, "/tls/tls.key", "The private key of the certificate (PEM).", required=True),
    ),
    "a mapping such as {certificate: /tls/tls.crt, key: /tls/tls.key}",
)

UPSTREAM_TLS = MappingOf(
    (
        Field(
            "ca",
            FILE,
            "the system's",
            "The certificate authorities that are trusted to sign the upstream's certificate (PEM).",
        ),
        Field("certificate", FILE, "none", "A client certificate (PEM); it needs `key`."),
        Field("key", FILE, "none", "The private key of the client certificate (PEM)."),
        Field(
            "server_name",
            Scalar(parse_host, "a host name", schema_patterns.HOST),
            "the upstream's name",
            "The name that is sent to the upstream (SNI) and that its certificate must have.",
        ),
        Field(
            "verify",
            BOOLEAN,
            str(UpstreamTls().verify).lower(),
            "Whether the upstream's certificate is verified.",
        ),
    )
)

DRAIN = MappingOf(
    (
        Field(
            "delay",
            duration(0),
            DRAIN_DELAY,
            "How long `/readyz` fails before the proxy stops accepting connections.",
        ),
        Field(
            "timeout",
            duration(0),
            DRAIN_TIMEOUT,
            "How long open requests may take to end after that; then they are cut off.",
        ),
    )
)

TRACING = MappingOf(
    (
        Field(
            "otlp",
            Scalar(
                parse_collector,
                "the base URL of a collector such as http://collector:4318",
                schema_patterns.COLLECTOR,
            ),
            "`OTEL_EXPORTER_OTLP_ENDPOINT`, or http://localhost:4318",
            "Where spans go, by OTLP over HTTP: to `/v1/traces` below this URL.",
        ),
        Field(
            "sample",
            Scalar(parse_share, "a percentage", schema_patterns.SHARE),
            "100%",
            "The share of requests without a valid `traceparent` that get a span. For all others the"
            " flag in `traceparent` decides.",
        ),
        Field(
            "parent_rate",
            integer(0, 1_000_000),
            str(Tracing().parent_rate),
            "The spans per second of each worker that clients can ask for by a `traceparent` with the"
            " sampled flag, beside those of `sample`. Further requests get no span, and the API gets"
            " the flag 0. With 0 no client can ask for a span.",
        ),
        Field(
            "service_name",
            Scalar(parse_label, "a name", schema_patterns.LABEL),
            "`OTEL_SERVICE_NAME`, or cors-proxy",
            "The resource attribute `service.name`.",
        ),
    ),
    "a mapping such as {otlp: http://collector:4318, sample: 1%}",
)

SERVER = MappingOf(
    (
        Field("workers", integer(1, 256), str(_SERVER.workers), "Worker processes.", reloadable=False),
        Field(
            "tls",
            TLS,
            "none",
            "The listener's certificate and key. A reload reads both files again, and a change of their"
            " content is noticed; only a restart can add or remove TLS.",
        ),
        Field("upstream_tls", UPSTREAM_TLS, "system CAs, verify true", "TLS toward https upstreams."),
        Field(
            "trusted_proxies",
            ListOf(
                Scalar(parse_networks, "a network, an address, or `private`", schema_patterns.NETWORK),
                "a list of networks",
            ),
            "none",
            "The proxies whose `X-Forwarded-*` is trusted and extended; from all others it is replaced."
            " `private` is RFC 1918, RFC 4193, loopback and link-local.",
        ),
        Field(
            "proxy_protocol",
            ListOf(
                Scalar(parse_balancers, "a network, an address, `private` or `unix`"), "a list of networks"
            ),
            "none",
            "The load balancers whose connections begin with a PROXY header, version 1 or 2. Without a"
            " valid one such a connection ends; from all other addresses it is not read. The address in"
            " it is the client's in the log, for `trusted_proxies` and in `X-Forwarded-For`. `unix` is"
            " for a listener on a Unix socket.",
        ),
        Field("limits", LIMITS, "by key", "Limits. A route can override those of request bodies."),
        Field(
            "timeouts",
            TIMEOUTS,
            "by key",
            "Timeouts: seconds, or a number with `s`, `m` or `h`. A route can override those of single"
            " requests.",
        ),
        Field(
            "drain",
            DRAIN,
            f"{{delay: {DRAIN_DELAY}, timeout: {DRAIN_TIMEOUT}}}",
            "How the proxy shuts down.",
        ),
        Field(
            "access_log",
            one_of("json", "text", "off"),
            f"`{_SERVER.access_log}`",
            "The format of the access log: one line per request, on stdout.",
        ),
        Field(
            "debug",
            BOOLEAN,
            str(_SERVER.debug).lower(),
            "Adds `CORS-Proxy-Reason` and `CORS-Proxy-Rule` (the deciding line of the policy) to every"
            " refusal.",
        ),
        Field(
            "tracing",
            TRACING,
            "none",
            "Sends spans of OpenTelemetry; it needs the extra `otel`. `{}` turns it on, with what the"
            " variables `OTEL_*` say.",
            reloadable=False,
        ),
    )
)
