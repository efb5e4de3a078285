"""`storage_access: retry`: who is told to ask again.  The cases have the forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.decide import decide

from .sites import APP, request, site

KEYS = "credentials: true, storage_access: retry"
SITE = site(f"cors: {{origins: [https://app.example, 'https://*.sub.example'], {KEYS}}}\n")
ORIGINS = [
    APP,
    "https://a.sub.example",
    "https://evil.example",
    "null",
    "https://app.example.evil.example",
    "",
]


@given(
    st.sampled_from(ORIGINS),
    st.sampled_from(["GET", "HEAD", "POST", "DELETE"]),
    st.sampled_from(["inactive", "active", "none", "Inactive"]),
    st.sampled_from(["no-cors", "cors", "navigate"]),
)
def test_only_a_listed_origin_is_told_and_only_its_own(
    origin: str, method: str, access: str, mode: str
) -> None:
    asked = request(method, Origin=origin, Sec_Fetch_Storage_Access=access, Sec_Fetch_Mode=mode)
    lines = decide(SITE, SITE.default, asked, None).grant.lines
    told = [value.decode() for name, value in lines if name == b"Activate-Storage-Access"]
    may = origin in ORIGINS[:2] and method in ("GET", "HEAD") and access == "inactive"
    assert told == ([f'retry; allowed-origin="{origin}"'] if may else [])


@pytest.mark.parametrize("kind", ["websocket", "amp"])
def test_what_is_no_embed_is_not_told(kind: str) -> None:
    amp = site(
        f"cors: {{{KEYS}}}\n"
        f"routes: [{{path: /r, cors: {{origins: {APP}}}, amp: {{publisher: https://pub.example}}}}]\n"
    )
    rules = amp if kind == "amp" else SITE
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"} if kind == "websocket" else {}
    asked = request("GET", Origin=APP, Sec_Fetch_Storage_Access="inactive", **upgrade)
    grant = decide(rules, rules.match(asked)[0], asked, None).grant
    assert b"Activate" not in grant.forwarded_bytes
    assert (b"Storage-Access" in grant.forwarded_bytes) is (kind != "amp")


def test_routes_share_the_lists() -> None:
    shared = site(f"cors: {{origins: {APP}, {KEYS}}}\nroutes: [{{path: /a}}, {{path: /b}}]\n")
    first, second = (route.retry for route in shared.routes)
    assert first is not None and second is not None and first.allowed is second.allowed
    assert first.allowed is not shared.routes[0].allowed
