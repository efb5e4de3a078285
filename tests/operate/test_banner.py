"""The three lines with which `run` begins on a terminal."""

import pytest

from cors_proxy.operate.banner import banner

from ..policy.reading import read

LISTEN, ADMIN = ["http://127.0.0.1:8080"], ["http://127.0.0.1:9901"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "only the API's own pages"),
        ("cors: {origins: '*'}", "every web page"),
        (
            "cors: {origins: [https://a.example], credentials: true}",
            "the API's own pages, and those of https://a.example (with cookies)",
        ),
        (
            "mode: report\ncors: {origins: [https://a.example, https://b.example, https://c.example, https://d.example]}",
            "the API's own pages, and those of https://a.example, https://b.example, https://c.example"
            " and 1 more (mode report)",
        ),
        (
            "cors: {origins: {url: 'http://u:secret@api:3000/o'}, credentials: true}",
            "the API's own pages, and those of the list of http://***@api:3000/o (with cookies)",
        ),
        ("routes: [{path: /open/**, cors: off}]", "only the API's own pages (some routes check nothing)"),
    ],
)
def test_who_may_call(text: str, said: str) -> None:
    assert banner(read(text), LISTEN, ADMIN)[1] == f"May call:   {said}"


def test_where_traffic_goes_and_where_the_admin_page_is() -> None:
    traffic, _, admin = banner(read(""), LISTEN, ADMIN)
    assert traffic == "Traffic:    http://127.0.0.1:8080 goes to http://api:3000"
    assert admin == "Admin page: http://127.0.0.1:9901/"
    assert banner(read(""), LISTEN, [])[2] == "Admin page: off"
    asks = ["http://127.0.0.1:9902"]
    both = read("decide: {listen: 127.0.0.1:9902, dialect: forwarded}")
    assert banner(both, LISTEN, ADMIN, asks)[0] == f"{traffic}; {asks[0]} answers what engines ask"
    assert banner(both, [], ADMIN, asks)[0] == f"Traffic:    {asks[0]} answers what engines ask"
    assert banner(read(""), LISTEN, ["unix:/run/a.sock"])[2] == "Admin page: unix:/run/a.sock"
