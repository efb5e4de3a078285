"""What is learned from the traffic of 20 APIs: every page still works, and nobody else gets in."""

import pytest

from cors_proxy.learn.cases_text import cases_text
from cors_proxy.learn.checked import failing_cases, read_back
from cors_proxy.learn.evidence import Evidence
from cors_proxy.learn.formats import read_line
from cors_proxy.learn.policy_text import policy_text
from cors_proxy.learn.proposal import propose

from .apis import APIS, Api
from .traffic import HOSTILE, Call, Traffic, passes, site

COUNT = 900


def learned(api: Api, log: list[str]) -> str:
    evidence = Evidence([403] if api.style == "403" else [])
    for line in log:
        seen = read_line(line)
        if seen is not None:
            evidence.add(seen)
    proposal = propose(evidence)
    text = policy_text(proposal, "http://api:3000")
    assert not failing_cases(read_back(text), cases_text(proposal))
    return text


@pytest.mark.parametrize("api", APIS, ids=[api.name for api in APIS])
def test_from_traffic_to_policy(api: Api) -> None:
    traffic = Traffic(api, COUNT, seed=len(api.name))
    text = learned(api, traffic.log)
    proposed, true = site(text), site(api.policy)
    refused = [call for call in traffic.good if not passes(proposed, call)]
    if api.style == "reflects":
        assert len(refused) == len(traffic.good), "an API that grants every origin proves nothing"
    else:
        assert not refused, text
    granted = [call for call in asked(traffic) if passes(proposed, call)]
    assert not [call for call in granted if call.origin in HOSTILE]
    right = [call for call in granted if passes(true, call)]
    assert len(right) >= 0.95 * len(granted), [call for call in granted if call not in right][:5]


def asked(traffic: Traffic) -> set[Call]:
    """Requests of every origin, with each method, of known paths and of others."""
    paths = [path for path, _ in traffic.api.calls] + ["/other", "/admin/x", "/orders/{id}/secret", "/users"]
    return {
        Call(origin, host, method, traffic.fill(path), headers, credentials)
        for origin in (*HOSTILE, *traffic.api.origins, "https://new.example.com")
        for host in traffic.api.hosts
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        for path in paths
        for headers in ((), ("Content-Type",), ("X-Other",))
        for credentials in (False, True)
    }
