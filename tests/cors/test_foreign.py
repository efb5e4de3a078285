import pytest

from cors_proxy.cors.foreign import refuse
from cors_proxy.cors.reason import Reason
from cors_proxy.cors.site import NOTHING

from .sites import request, site


@pytest.mark.parametrize(("origin", "headers", "reason"), [
    ("https://evil.example", {}, Reason.ORIGIN_NOT_ALLOWED),
    ("null", {"Sec_Fetch_Site": "same-origin"}, Reason.ORIGIN_NULL),
    ("", {}, Reason.ORIGIN_MALFORMED),
    ("https://app.example/", {}, Reason.ORIGIN_MALFORMED),
    ("https://api.example", {}, Reason.ORIGIN_LOOKS_OWN),
    ("https://other.example", {"Sec_Fetch_Site": "same-origin"}, Reason.ORIGIN_LOOKS_OWN),
])  # fmt: skip
def test_why(origin: str, headers: dict[str, str], reason: Reason) -> None:
    asked = request(Origin=origin, **headers)
    rules = site("cors:\n  origins: [https://app.example]\n")
    decision = refuse(rules.default, asked, "request", NOTHING)
    assert (decision.reason, decision.status, str(decision.rule)) == (reason, 403, "policy.yaml:4")
    assert ("self_origins" in decision.hint) is (reason is Reason.ORIGIN_LOOKS_OWN)
    assert origin not in decision.hint or not origin
