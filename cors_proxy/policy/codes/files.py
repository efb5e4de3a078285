"""E6, E7: TLS files, packages and reloads."""

from typing import Final

from .about import About, Example

ABOUT: Final[dict[str, About]] = {
    "E601": About(
        "A certificate or key cannot be read, is not PEM, or does not belong to the other.",
        Example("server:\n  upstream_tls: {ca: authority.pem}\n"),
        Example("server:\n  upstream_tls: {server_name: api.internal}\n"),
        "The proxy loads these files at the start, so that a bad file stops the start and not the first"
        " client. Names are relative to the folder of the policy.",
    ),
    "E602": About(
        "The policy needs packages that are not installed.",
        Example("server:\n  tracing: {otlp: http://collector:4318}\n", missing="opentelemetry.sdk"),
        Example("server:\n  access_log: json\n"),
        "`server.tracing` needs the packages of OpenTelemetry: `pip install 'cors-proxy[otel]'`. All"
        " other users are spared them. `decide.dialect: grpc` needs h2 and protobuf:"
        " `pip install 'cors-proxy[grpc]'`.",
    ),
    "E701": About(
        "A reload changes a key that is read at the start only.",
        Example("listen: 127.0.0.1:8081\n", running="listen: 127.0.0.1:8080\n"),
        Example("listen: 127.0.0.1:8080\nmode: report\n", running="listen: 127.0.0.1:8080\n"),
        "The proxy keeps the old policy. Restart it to change this key.",
    ),
}
