"""What we use of `aiohttp.web.Server`."""

import inspect

from aiohttp import web


def test_what_we_rely_on_in_web_server() -> None:
    """ADR 0001; where this fails on a new aiohttp, read `server.Server` anew."""
    source = inspect.getsource(web.Server)
    assert (
        "self._connections: dict" in source
        and "conn.shutdown(timeout)" in source
        and "conn.close()" in source
    )
    assert list(inspect.signature(web.Server.connection_made).parameters) == ["self", "handler", "transport"]
    assert list(inspect.signature(web.Server.shutdown).parameters) == ["self", "timeout"]
    assert inspect.iscoroutinefunction(web.Server.shutdown) and not inspect.iscoroutinefunction(
        web.Server.pre_shutdown
    )
    assert {"sites", "addresses", "cleanup", "setup"} <= set(dir(web.ServerRunner))
