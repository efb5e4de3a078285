"""What requests may do, by the product's own decision."""

import pytest

from cors_proxy.cors.judge import judge
from cors_proxy.partition.outcome import Ability, Outcome, outcome
from tests.cors.sites import request, site

POLICY = """
cors: {origins: ['https://app.example'], credentials: true, expose: [X-Total], timing: ['https://t.example'], resource_policy: same-site}
"""


def of(policy: str, **lines: str) -> Outcome:
    rules = site(policy)
    method = lines.pop("method", "GET")
    asked = request(method, **lines)
    return outcome(rules, asked, judge(rules, asked))


def abilities(policy: str, **lines: str) -> set[str]:
    return {f"{ability.value} {what}".strip() for ability, what in of(policy, **lines).may}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ({"Origin": "https://app.example"}, {"send", "read", "read-with-cookies", "expose x-total", "timing https://t.example"}),
        ({"Origin": "https://evil.example"}, set()),
        ({}, {"send-without-origin", "embed same-site", "timing https://t.example"}),
        ({"Origin": "https://app.example", "Upgrade": "websocket"}, {"socket"}),
        ({"Origin": "https://app.example", "method": "OPTIONS", "Access_Control_Request_Method": "GET"},
         {"preflight", "preflight-with-cookies"}),
        ({"Origin": "https://app.example", "method": "OPTIONS", "Access_Control_Request_Method": "PUT"}, set()),
    ],
)  # fmt: skip
def test_abilities(lines: dict[str, str], expected: set[str]) -> None:
    assert abilities(POLICY, **lines) == expected


def test_what_the_api_decides_itself() -> None:
    assert abilities("mode: report", Origin="https://evil.example") == {"send", "api-decides"}
    assert ("logged", "origin-not-allowed") in of("mode: report", Origin="https://evil.example").also


def test_other_origins_of_a_class_have_the_same_outcome() -> None:
    pattern = "cors: {origins: ['https://*.example.com'], credentials: true, storage_access: retry}"
    one, other = (
        of(pattern, Origin=f"https://{name}.example.com", Sec_Fetch_Storage_Access="inactive")
        for name in ("a", "b.c")
    )
    assert one == other and (Ability.RETRY, "") in one.may
