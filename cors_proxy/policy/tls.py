"""The files of `server.tls` and `server.upstream_tls`, tried when the policy is read: a bad one stops the start, not the first client."""

import os
import ssl

from .model import Tls, UpstreamTls
from .origins import read_file
from .problems import quote
from .types import Reader, Section


def edge_tls(section: Section | None, reader: Reader) -> Tls | None:
    """The edge's certificate and key, tried together."""
    if section is None:
        return None
    certificate, key = _path(section, "certificate", reader), _path(section, "key", reader)
    if certificate is None or key is None:
        return None
    _pair(section, "server.tls", certificate, key, reader)
    return Tls(certificate, key)


def upstream_tls(section: Section | None, reader: Reader) -> UpstreamTls:
    """Authorities and client certificate, tried; one of `certificate` and `key` alone is a problem."""
    if section is None:
        return UpstreamTls()
    at = "server.upstream_tls"
    ca, certificate, key = (_path(section, name, reader) for name in ("ca", "certificate", "key"))
    if ca is not None and _readable(section, at, "ca", ca, reader):
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(ca)
            if not context.get_ca_certs():
                raise ValueError
        except (ssl.SSLError, OSError, ValueError):
            _wrong(section, at, "ca", ca, "holds no PEM certificate of an authority", reader)
    for one, other in (("certificate", "key"), ("key", "certificate")):
        if one in section.places and other not in section.places:
            reader.found.add(
                section.places[one], "E202", f"{at}: {one} needs {other}", f"add {other}: client.pem"
            )
    if certificate is not None and key is not None:
        _pair(section, at, certificate, key, reader)
    return UpstreamTls(ca, certificate, key, section.item("server_name"), section.value("verify", True))


def _path(section: Section, name: str, reader: Reader) -> str | None:
    value = section.item(name)
    return None if value is None else os.path.join(reader.folder, value)


def _wrong(section: Section, at: str, name: str, path: str, reason: str, reader: Reader) -> None:
    reader.found.add(section.spots[name], "E601", f"{at}.{name}: {quote(path, 200)} {reason}")


def _readable(section: Section, at: str, name: str, path: str, reader: Reader) -> bool:
    reader.files.append(path)
    try:
        read_file(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        _wrong(section, at, name, path, f"cannot be read: {reason}", reader)
        return False
    return True


def _pair(section: Section, at: str, certificate: str, key: str, reader: Reader) -> None:
    readable = [
        _readable(section, at, name, path, reader)
        for name, path in (("certificate", certificate), ("key", key))
    ]
    if not all(readable):
        return
    try:
        # a password would be asked for on the terminal: an empty one fails instead
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError, ValueError) as error:
        mismatch = isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH"
        if mismatch:
            _wrong(section, at, "key", key, "is not the key of the certificate", reader)
        elif _holds_certificate(certificate):
            _wrong(section, at, "key", key, "holds no unencrypted PEM private key", reader)
        else:
            _wrong(section, at, "certificate", certificate, "holds no PEM certificate", reader)


def _holds_certificate(path: str) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (ssl.SSLError, OSError):
        return False
    return True
