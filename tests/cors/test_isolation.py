"""Rows 8b and 11: what `isolate` refuses, over all combinations; the cases have the forms."""

from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.decide import decide
from cors_proxy.cors.decision import Forward, Refuse
from cors_proxy.cors.reason import Reason

from .sites import request, site

SITE = site("cors: {origins: [https://app.example], without_origin: {isolate: {embed: [image]}}}\n")
ALLOW = site("cors: {origins: [https://app.example]}\n")
METHODS = st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "DELETE"])
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Sec_Fetch_Site": st.sampled_from(["same-origin", "same-site", "cross-site", "none", "x"]),
        "Sec_Fetch_Mode": st.sampled_from(["navigate", "no-cors", "cors", "websocket"]),
        "Sec_Fetch_Dest": st.sampled_from(["document", "image", "iframe", "script", "empty"]),
        "Sec_Purpose": st.just("prefetch"),
    },
)


@given(METHODS, HEADERS)
def test_it_refuses_all_that_fetch_metadata_does_and_other_sites_but_for_its_exceptions(
    method: str, headers: dict[str, str]
) -> None:
    asked = request(method, **headers)
    decision = decide(SITE, SITE.default, asked, None)
    if isinstance(decide(ALLOW, ALLOW.default, asked, None), Refuse):
        assert isinstance(decision, Refuse)
    own = headers.get("Sec_Fetch_Site") in (None, "same-origin", "none")
    window = headers.get("Sec_Fetch_Mode") == "navigate" and headers.get("Sec_Fetch_Dest") in (
        None,
        "document",
    )
    passes = own or (
        method in ("GET", "HEAD")
        and ((window and "Sec_Purpose" not in headers) or headers.get("Sec_Fetch_Dest") == "image")
    )
    assert isinstance(decision, Forward) is passes
    assert b"Sec-Purpose" in decision.grant.vary


def test_a_socket_is_no_embed() -> None:
    headers = {"Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Storage_Access": "inactive"}
    asked = request(Origin="https://evil.example", Upgrade="websocket", **headers)
    assert decide(ALLOW, ALLOW.default, asked, None).reason is Reason.ORIGIN_NOT_ALLOWED
    asked = request(Origin="https://evil.example", **headers)
    assert decide(ALLOW, ALLOW.default, asked, None).reason is Reason.NO_ORIGIN
