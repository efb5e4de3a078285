import httptools
import pytest

from cors_proxy.cors.names import (
    CARRIED,
    FORBIDDEN_METHODS,
    METHODS,
    forbidden_header,
    grantable_header,
    is_token,
)


class Events:
    done = False

    def on_message_complete(self) -> None:
        self.done = True


def carried(method: str) -> bool:
    events = Events()
    try:
        httptools.HttpRequestParser(events).feed_data(f"{method} / HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    except httptools.HttpParserError:
        return False
    return events.done


def test_methods_are_what_the_edge_can_read() -> None:
    assert all(map(carried, METHODS))
    assert {method.decode() for method in CARRIED} == METHODS
    assert not METHODS & FORBIDDEN_METHODS
    assert not any(map(carried, ["patch", "get", "CHICKEN", "TRACK", "PRI", "DESCRIBE"]))


@pytest.mark.parametrize(
    "name",
    [
        "cookie",
        "host",
        "origin",
        "sec-fetch-site",
        "proxy-authorization",
        "content-length",
        "te",
        "via",
        "dnt",
    ],
)
def test_forbidden(name: str) -> None:
    assert forbidden_header(name.encode()) and not grantable_header(name.encode())


@pytest.mark.parametrize(
    "name", ["amp-same-origin", "access-control-allow-origin", "access-control-request-method"]
)
def test_never_granted(name: str) -> None:
    assert not grantable_header(name.encode())


@pytest.mark.parametrize("name", ["authorization", "content-type", "x-secret", "range", "proxy", "security"])
def test_grantable(name: str) -> None:
    assert grantable_header(name.encode()) and not forbidden_header(name.encode())


def test_tokens() -> None:
    assert is_token(b"X-Foo_1!") and not any(
        map(is_token, [b"", b"x y", b"x,y", b"x:", b'"x"', b"x\xe9", b"x\t"])
    )
