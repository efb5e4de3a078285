"""Imports aiohttp without its client's TLS contexts.  Import this module before aiohttp.

`aiohttp.connector` creates two TLS contexts with the system's certificate authorities on import:
2 MiB and 40 ms of each process.  The proxy does not use that client, and creates the contexts of
`server.upstream_tls` itself, later.
"""

import os
from typing import Final

# OpenSSL reads its authorities from these, SSL_CTX_set_default_verify_paths(3).
_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def _import() -> None:
    saved = {name: os.environ.get(name) for name in _VARIABLES}
    os.environ.update(dict.fromkeys(_VARIABLES, os.devnull))
    try:
        import aiohttp  # noqa: F401
    finally:
        for name, value in saved.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


_import()
