"""The engines that can ask, by the word that `--for` takes."""

from typing import Final

NGINX: Final = "nginx"
HAPROXY: Final = "haproxy"
ENVOY: Final = "envoy-http"
ENVOY_GRPC: Final = "envoy-grpc"
ENVOY_PROC: Final = "envoy-proc"
ISTIO: Final = "istio"
ENVOY_GATEWAY: Final = "envoy-gateway"
CADDY: Final = "caddy"
TRAEFIK: Final = "traefik"
# What an engine asks in.
DIALECTS: Final = {
    NGINX: "forwarded",
    HAPROXY: "forwarded",
    ENVOY: "mirror",
    ENVOY_GRPC: "grpc",
    ENVOY_PROC: "grpc",
    ISTIO: "grpc",
    ENVOY_GATEWAY: "grpc",
    CADDY: "forwarded",
    TRAEFIK: "forwarded",
}
# Those that ask by a filter of Envoy.
ENVOYS: Final = (ENVOY, ENVOY_GRPC, ENVOY_PROC, ISTIO, ENVOY_GATEWAY)
