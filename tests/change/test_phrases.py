"""Findings in words."""

from cors_proxy.change import phrases
from tests.change.comparing import compared, only

APP = "cors: {origins: [https://app.example]}\n"


def title(before: str, after: str) -> str:
    return phrases.title(only(compared(before, after)))


def test_titles() -> None:
    assert (
        title(APP, APP.replace("}", ", headers: [X-A]}"))
        == "https://app.example: may now send the headers x-a"
    )
    assert title(APP, "") == (
        "https://app.example: may no longer read responses, open WebSockets, send GET, HEAD, POST"
    )
    assert title(APP, APP.replace("}", ", resource_policy: same-origin}")) == (
        "responses: may no longer be embedded by pages of all sites, be embedded by pages of the same site"
    )
    assert title(APP, APP.replace("}", ", max_age: 5}")) == "max_age: answers differ, and nobody's access"


def test_long_lists_are_cut() -> None:
    assert phrases.listed("abcdef") == "a, b, c, d, e, f"
    assert phrases.listed("abcdefg") == "a, b, c, d, e and 2 more"


def test_what_differs() -> None:
    assert phrases.changes(only(compared(APP, APP.replace("}", ", max_age: 5}")))) == [
        "access-control-max-age: 600 -> 5"
    ]


def test_a_setting() -> None:
    (setting,) = compared("", "server: {workers: 2}").settings
    assert phrases.setting_line(setting) == "server.workers: 1 -> 2"
