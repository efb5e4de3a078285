"""The files of `server.tls` and `server.upstream_tls`.

They are loaded when the policy is read, so that a bad file stops the start and not the first
client.
"""

import os
import ssl

from .files import read_file, reason
from .mappings import Section
from .model import Tls, UpstreamTls
from .problems import quote
from .types import Context


def listener_tls(section: Section | None, context: Context) -> Tls | None:
    """The listener's certificate and key, checked together."""
    if section is None:
        return None
    certificate, key = _path(section, "certificate", context), _path(section, "key", context)
    if certificate is None or key is None:
        return None
    _check_pair(section, "server.tls", certificate, key, context)
    return Tls(certificate, key)


def upstream_tls(section: Section | None, context: Context) -> UpstreamTls:
    """Authorities and client certificate, checked; a certificate without a key is an error."""
    if section is None:
        return UpstreamTls()
    at = "server.upstream_tls"
    ca, certificate, key = (_path(section, name, context) for name in ("ca", "certificate", "key"))
    if ca is not None and _is_readable(section, at, "ca", ca, context):
        try:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            tls.load_verify_locations(ca)
            if not tls.get_ca_certs():
                raise ValueError
        except (ssl.SSLError, OSError, ValueError):
            _report(section, at, "ca", ca, "holds no PEM certificate of an authority", context)
    for one, other in (("certificate", "key"), ("key", "certificate")):
        if one in section.key_places and other not in section.key_places:
            message = f"{at}: {one} needs {other}"
            context.findings.add(section.key_places[one], "E202", message, f"add {other}: client.pem")
    if certificate is not None and key is not None:
        _check_pair(section, at, certificate, key, context)
    verify = section.value("verify", UpstreamTls().verify)
    return UpstreamTls(ca, certificate, key, section.get("server_name"), verify)


def _path(section: Section, name: str, context: Context) -> str | None:
    value = section.get(name)
    return None if value is None else os.path.join(context.folder, value)


def _report(section: Section, at: str, name: str, path: str, problem: str, context: Context) -> None:
    context.findings.add(section.value_places[name], "E601", f"{at}.{name}: {quote(path, 200)} {problem}")


def _is_readable(section: Section, at: str, name: str, path: str, context: Context) -> bool:
    context.files.append(path)
    try:
        read_file(path)
    except (OSError, ValueError) as error:
        _report(section, at, name, path, f"cannot be read: {reason(error)}", context)
        return False
    return True


def _check_pair(section: Section, at: str, certificate: str, key: str, context: Context) -> None:
    readable = [
        _is_readable(section, at, name, path, context)
        for name, path in (("certificate", certificate), ("key", key))
    ]
    if not all(readable):
        return
    try:
        # Without a password OpenSSL would ask for one on the terminal; an empty one fails instead.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError, ValueError) as error:
        mismatch = isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH"
        if mismatch:
            _report(section, at, "key", key, "is not the key of the certificate", context)
        elif _holds_certificate(certificate):
            _report(section, at, "key", key, "holds no unencrypted PEM private key", context)
        else:
            _report(section, at, "certificate", certificate, "holds no PEM certificate", context)


def _holds_certificate(path: str) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (ssl.SSLError, OSError):
        return False
    return True
