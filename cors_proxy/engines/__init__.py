"""Other engines that carry the requests and ask the decision listener: their configuration, and what
each cannot carry.

Each module imports only modules below it in this map:

glue.py     the files that make an engine ask
kubernetes.py  the resources for Istio and Envoy Gateway
envoy.py    the configuration of Envoy that asks over HTTP
envoy_grpc.py  the same over gRPC;  envoy_bootstrap.py what is around its filters
caddy.py    the configuration of Caddy
traefik.py  the configuration of Traefik;  traefik_plugin.py its plugin that asks
nginx.py    the configuration of nginx
haproxy.py  the configuration of HAProxy
losses.py   what an engine cannot carry of a policy;  exchange_losses.py of any policy
uses.py     what of a policy an engine has to carry
names.py    the engines, and what each asks in
"""
