import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.amp_email import find
from cors_proxy.cors.decision import Forward
from cors_proxy.cors.judge import judge
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.site import Email, Site

from .sites import request, site
from .strategies import thorough

POLICY = """
cors: {credentials: true, expose: [X-Total]}
routes:
  - path: /**
    amp: {email: {senders: [news@shop.example, "*@Lists.example"]}}
    cors: {origins: [https://mail.example]}
"""
RULES: Site = site(POLICY)
_email = RULES.routes[0].email
assert _email is not None
EMAIL: Email = _email


@pytest.mark.parametrize(
    "sender", ["news@shop.example", "news@SHOP.example", "anna@lists.example", "a+b.c@LISTS.example"]
)
def test_listed(sender: str) -> None:
    assert find(EMAIL, sender.encode()) is not None


@pytest.mark.parametrize(
    "sender",
    ["", "@", "news", "News@shop.example", "xnews@shop.example", "news@shop.example.evil.net", "news@evil.shop.example", "*",
    "*@lists.example",
     "@lists.example", "a@b@lists.example", "a b@lists.example", "a,b@lists.example", "a\r\n@lists.example", "a@lists.example ",
     "a@lists.example\n",
     "<a>@lists.example", '"a"@lists.example', "a\xe9@lists.example", "a" * 400 + "@lists.example", "a@evillists.example"],
)  # fmt: skip
def test_not_listed(sender: str) -> None:
    assert find(EMAIL, sender.encode("latin-1")) is None


@thorough
@given(
    st.text("news@hop.exampl*\r\n, ", max_size=24)
    | st.text(max_size=12).map(lambda local: f"{local}@lists.example")
)
def test_what_is_echoed_is_a_listed_address(sender: str) -> None:
    """In both versions: whatever comes, the answer names a sender that the policy lists, as one header value."""
    quoted = "".join(f"%{byte:02x}" for byte in sender.encode())
    first = judge(
        RULES, request(target=f"/x?__amp_source_origin={quoted}", Origin="https://any.example")
    ).decision
    for decision in (
        first,
        judge(
            RULES, request(AMP_Email_Sender=sender.encode("latin-1", "replace").decode("latin-1"))
        ).decision,
    ):
        if isinstance(decision, Forward):
            named = [value for name, value in decision.grant.lines if name.startswith(b"AMP-")]
            assert len(named) == 1 and find(EMAIL, named[0]) is not None
            assert not named[0].translate(None, bytes(range(0x21, 0x7F)))
            assert (b"Access-Control-Allow-Credentials", b"true") not in decision.grant.lines
        else:
            assert decision.grant.lines == ()


def test_null_may_read_without_credentials() -> None:
    decision = judge(
        RULES, request(target="/x?__amp_source_origin=news@shop.example", Origin="null")
    ).decision
    assert isinstance(decision, Forward)
    assert decision.grant.lines == (
        (b"Access-Control-Allow-Origin", b"null"), (b"AMP-Access-Control-Allow-Source-Origin", b"news@shop.example"),
        (b"Access-Control-Expose-Headers", b"AMP-Access-Control-Allow-Source-Origin, X-Total"),
    )  # fmt: skip
    assert str(decision.rule) == "policy.yaml:7"


def test_no_socket() -> None:
    decision = judge(RULES, request(AMP_Email_Sender="news@shop.example", Upgrade="websocket")).decision
    assert (decision.reason, decision.kind, decision.grant.lines) == (
        Reason.WEBSOCKET_DENIED,
        "websocket",
        (),
    )
