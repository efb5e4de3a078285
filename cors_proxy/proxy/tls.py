"""TLS contexts for clients and for upstreams (RFC 9325): TLS 1.2 and above, with verification."""

import ssl

from ..policy.model import Tls, UpstreamTls


def edge_context(files: Tls) -> ssl.SSLContext:
    """For the listener; raises OSError or ssl.SSLError if the files cannot be used."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # With an empty password OpenSSL does not ask for one on the terminal.
    context.load_cert_chain(files.certificate, files.key, password="")
    return context


def upstream_context(settings: UpstreamTls) -> ssl.SSLContext:
    """For connections to upstreams; raises OSError or ssl.SSLError if the files cannot be used."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=settings.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if settings.certificate is not None:
        context.load_cert_chain(settings.certificate, settings.key, password="")
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
