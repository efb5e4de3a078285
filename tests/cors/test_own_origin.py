import pytest

from cors_proxy.cors.own_origin import is_own, place

from .sites import request, site

DERIVED, HOSTS = site(""), site("hosts: [api.example]")
LISTED = site("hosts: [api.example]\nself_origins: [https://api.example]")


@pytest.mark.parametrize(("origin", "host", "fetch_site", "derived", "by_hosts", "listed"), [
    ("https://api.example", "api.example", "same-origin", True, True, True),
    ("http://api.example:8443", "api.example:8443", "same-origin", True, True, False),
    ("https://api.example", "api.example", None, False, True, True),
    ("http://[::1]:80", "[::1]:80", "same-origin", False, False, False),  # the default port is never sent
    ("http://[::1]:8080", "[::1]:8080", "same-origin", True, True, False),
    ("http://10.0.0.7", "10.0.0.7", None, False, False, False),  # an address passes hosts, and is not named there
    ("https://api.example", "api.example", "cross-site", False, False, True),
    ("https://api.example", "api.example", "Same-Origin", False, False, True),
    ("https://api.example", "API.example", "same-origin", False, False, True),
    ("https://API.example", "API.example", "same-origin", False, False, False),
    ("https://api.example.evil.net", "api.example", "same-origin", False, False, False),
    ("https://evil@api.example", "api.example", "same-origin", False, False, False),
    ("capacitor://api.example", "api.example", "same-origin", False, False, False),
    ("https://", "", "same-origin", False, False, False),
    ("https://api.example", "inner.example", None, False, False, True),
])  # fmt: skip
def test_own(
    origin: str, host: str, fetch_site: str | None, derived: bool, by_hosts: bool, listed: bool
) -> None:
    asked = request(
        "POST", host=host, Origin=origin, **({} if fetch_site is None else {"Sec_Fetch_Site": fetch_site})
    )
    assert [is_own(rules, asked) for rules in (DERIVED, HOSTS, LISTED)] == [derived, by_hosts, listed]


def test_where_it_stands() -> None:
    asked = request(Origin="https://api.example")
    assert [str(place(rules, asked)) for rules in (DERIVED, HOSTS, LISTED)] == [
        "None",
        "policy.yaml:3",
        "policy.yaml:4",
    ]
