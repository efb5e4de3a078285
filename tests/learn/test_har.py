import json
from pathlib import Path
from typing import Any

import pytest

from cors_proxy.learn.har import read_har
from cors_proxy.learn.seen import Asked, Granted

from .records import APP

CHROMIUM = Path(__file__).parent.parent / "explain" / "chromium.har"


def har(*entries: dict[str, Any]) -> str:
    return json.dumps({"log": {"entries": entries}})


def lines(**headers: str) -> list[dict[str, str]]:
    return [{"name": name.replace("_", "-"), "value": value} for name, value in headers.items()]


ENTRY: dict[str, Any] = {
    "startedDateTime": "2026-11-29T03:10:00Z",
    "request": {
        "method": "put",
        "url": "https://user:secret@api.example/a?token=secret#secret",
        "headers": lines(
            Origin=APP, Cookie="sid=secret", Authorization="Bearer secret", X_Token="secret", Accept="*/*"
        ),
    },
    "response": {
        "status": 200,
        "headers": lines(
            Access_Control_Allow_Origin=APP,
            Access_Control_Allow_Credentials="true",
            Access_Control_Expose_Headers="X-Total, Link",
        ),
    },
}


def test_a_request_and_what_the_api_granted_without_its_secrets() -> None:
    (seen,) = read_har(har(ENTRY))
    assert (seen.method, seen.host, seen.path, seen.origin, seen.cookie) == (
        "PUT",
        "api.example",
        "/a",
        APP,
        True,
    )
    assert seen.sent == ("authorization", "x-token") and seen.granted == Granted(
        APP, True, expose=("X-Total", "Link")
    )
    assert "secret" not in repr(seen)


def test_a_preflight() -> None:
    request = {
        "method": "OPTIONS",
        "url": "https://api.example",
        "headers": lines(
            Origin=APP, Access_Control_Request_Method="PUT", Access_Control_Request_Headers="x-a,x-b"
        ),
    }
    (seen,) = read_har(har({"request": request, "response": {"status": 0, "headers": []}}))
    assert seen.asked == Asked("PUT", ("x-a", "x-b")) and seen.path == "/" and seen.sent is None
    assert seen.granted is None, "without a response there is no grant"


def test_other_schemes_are_left_out() -> None:
    assert (
        list(read_har(har({"request": {"method": "GET", "url": "data:text/plain,x", "headers": []}}))) == []
    )


def test_of_a_browser() -> None:
    assert any(seen.origin for seen in read_har(CHROMIUM.read_text("utf-8")))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"log": {"entries": [1]}}', "[" * 100_000])
def test_not_a_har_file(content: str) -> None:
    with pytest.raises(ValueError, match="not a HAR file"):
        list(read_har(content))
