"""Certificates for both sides of the TLS lane."""

import ssl
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import trustme


class Secure(NamedTuple):
    """`edge` and `upstream` are lines of a policy's `server`.

    The contexts are for client and upstream."""

    edge: str
    upstream: str
    client: ssl.SSLContext
    behind: ssl.SSLContext
    folder: tempfile.TemporaryDirectory[str]  # removed with this object


@cache
def secure() -> Secure:
    authority, folder = trustme.CA(), tempfile.TemporaryDirectory()
    leaf = authority.issue_cert("api.example", "127.0.0.1")
    path = Path(folder.name)
    leaf.private_key_pem.write_to_path(str(path / "tls.key"))
    (path / "tls.crt").write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    authority.cert_pem.write_to_path(str(path / "ca.crt"))
    client = ssl.create_default_context(cafile=str(path / "ca.crt"))
    behind = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    leaf.configure_cert(behind)
    edge = f"tls: {{certificate: {path}/tls.crt, key: {path}/tls.key}}"
    return Secure(edge, f"upstream_tls: {{ca: {path}/ca.crt}}", client, behind, folder)
