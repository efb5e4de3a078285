"""The resources of Kubernetes with which Istio and Envoy Gateway ask by `ext_proc`.

They know where requests go, so there is nothing about the API in them.  The decision listener is a
Service.

https://istio.io/latest/docs/reference/config/networking/envoy-filter/
https://gateway.envoyproxy.io/docs/api/extension_types/#envoyextensionpolicy"""

from textwrap import indent
from typing import Final

from ..policy.model import Address
from .envoy_grpc import EXT_PROC_SETTINGS

ISTIO_FILE: Final = "istio.yaml"
GATEWAY_FILE: Final = "envoy-gateway.yaml"


def service(address: Address) -> tuple[str, str]:
    """Name and namespace of `name`, `name.namespace` or `name.namespace.svc.cluster.local`; "" where
    the address is no name."""
    host = address.host
    if not host or ":" in host or host.replace(".", "").isdigit():
        return "", ""
    name, _, rest = host.partition(".")
    return name, rest.partition(".")[0] or "default"


def istio(decider: Address) -> str:
    """An EnvoyFilter: no other resource of Istio has `ext_proc`."""
    name, namespace = service(decider)
    host, port = f"{name}.{namespace}.svc.cluster.local", decider.port
    return f"""\
# Written by: cors-proxy glue --for istio
# The port of the Service {name} must have appProtocol: grpc. Without it Istio speaks HTTP/1.1 to it.
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: cors-proxy
  # The namespace of the gateway.
  namespace: istio-system
spec:
  workloadSelector:
    labels:
      istio: ingressgateway
  configPatches:
  - applyTo: HTTP_FILTER
    match:
      context: GATEWAY
      listener:
        filterChain:
          filter:
            name: envoy.filters.network.http_connection_manager
    patch:
      # Before the filters for JWT and authorization: a preflight has no credentials.
      operation: INSERT_FIRST
      value:
        name: envoy.filters.http.ext_proc
        typed_config:
{indent(EXT_PROC_SETTINGS, " " * 10)}\
          grpc_service:
            envoy_grpc:
              cluster_name: outbound|{port}||{host}
              authority: {host}
"""


def envoy_gateway(decider: Address) -> str:
    name, namespace = service(decider)
    return f"""\
# Written by: cors-proxy glue --for envoy-gateway
# A Service in another namespace than this policy needs a ReferenceGrant there.
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyExtensionPolicy
metadata:
  name: cors-proxy
  # The namespace of the Gateway.
  namespace: default
spec:
  targetRefs:
  - group: gateway.networking.k8s.io
    kind: Gateway
    name: eg
  extProc:
  - backendRefs:
    - name: {name}
      namespace: {namespace}
      port: {decider.port}
    failOpen: false
    messageTimeout: 2s
    processingMode:
      request: {{}}
      response: {{}}
"""
