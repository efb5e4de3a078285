"""Imported before aiohttp: keeps its client, which serves nobody here, from loading the system's authorities.

`aiohttp.connector` makes its TLS contexts when it is imported: 2 MiB and 40 ms of every process. The contexts of
`server.upstream_tls` are made later, and by us."""

import os
from typing import Final

_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def _import() -> None:
    kept = {name: os.environ.get(name) for name in _VARIABLES}
    os.environ.update(dict.fromkeys(_VARIABLES, os.devnull))
    try:
        import aiohttp  # noqa: F401
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


_import()
